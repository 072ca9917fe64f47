package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of attack on every route that the service has, found by asking the service. */
class RouteAttackTest extends ServiceAttack {
  private static ProperCalls calls;

  @BeforeAll
  static void fill() throws IOException {
    calls = new ProperCalls(service, service.beStranger());
  }

  static Stream<Arguments> attacks() throws IOException {
    List<Arguments> attacks = new ArrayList<>();
    for (Route route : service.routes()) {
      ProperCall example = calls.of(route);
      for (RouteAttack attack : RouteAttack.values()) {
        if (attack.appliesTo(example)) {
          attacks.add(Arguments.of(ProperCalls.name(route), attack, route));
        }
      }
    }
    return attacks.stream();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("attacks")
  void theAttackFailsAndTheRouteGoesOn(String name, RouteAttack attack, Route route)
      throws IOException {
    ProperCall call = calls.of(route);

    attack.on(service, call);

    RawConnection.Answer after = RouteAttack.send(service, call, call.target()).answer();
    assertThat(after.status()).as(after.text()).isEqualTo(200);
  }

  /** A route without a key, or one that takes a body, must be attacked as what it is. */
  @Test
  void everyRouteIsAttackedAsItIsDescribed() throws IOException {
    List<String> names = service.routes().stream().map(ProperCalls::name).toList();
    assertThat(names).containsExactlyInAnyOrderElementsOf(calls.names());
    for (Route route : service.routes()) {
      ProperCall call = calls.of(route);
      String name = ProperCalls.name(route);
      assertThat(call.needsKey()).as(name).isEqualTo(!route.open());
      assertThat(call.type().replaceFirst(";.*", ""))
          .as(name)
          .isEqualTo(
              AttackedService.JSON
                  .readTree(ApiDescription.read())
                  .path("paths")
                  .path(route.pattern())
                  .path(route.method().name().toLowerCase(java.util.Locale.ROOT))
                  .at("/requestBody/content")
                  .properties()
                  .stream()
                  .map(java.util.Map.Entry::getKey)
                  .reduce("", String::concat));
    }
  }
}
