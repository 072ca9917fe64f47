package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of every route that do not come to the end of what they send. */
class SlowRouteAttackTest {
  @TempDir private static Path folder;
  private static AttackedService service;
  private static ProperCalls calls;

  @BeforeAll
  static void start() throws IOException {
    service = new AttackedService(folder, AttackedService.SHORT);
    calls = new ProperCalls(service, "");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void nothingIsHarmed() throws IOException {
    service.assertUnharmed();
  }

  static Stream<Arguments> routes() {
    return service.routes().stream().map(route -> Arguments.of(ProperCalls.name(route), route));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("routes")
  void aHeadWithoutEndEndsTheConnection(String name, Route route) throws IOException {
    ProperCall call = calls.of(route);
    try (RawConnection connection = service.connect()) {
      connection.trySend(
          RawConnection.latin(service.head(call.method(), call.target(), call.key())));
      assertThat(connection.isEnded()).isTrue();
    }
    goesOn(call);
  }

  static Stream<Arguments> routesWithBodies() throws IOException {
    List<Arguments> routes = new java.util.ArrayList<>();
    for (Route route : service.routes()) {
      if (calls.of(route).hasBody()) {
        routes.add(Arguments.of(ProperCalls.name(route), route));
      }
    }
    return routes.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("routesWithBodies")
  void aBodyWithoutEndIsRefused(String name, Route route) throws IOException {
    ProperCall call = calls.of(route);
    byte[] head =
        RawConnection.latin(
            service.head(call.method(), call.target(), call.key())
                + "Content-Type: "
                + call.type()
                + "\r\nContent-Length: "
                + (call.body().length + 1)
                + "\r\n\r\n");
    byte[] body = java.util.Arrays.copyOf(call.body(), call.body().length - 10);
    RawConnection.Answer refused =
        service.undelayed(
            () -> {
              try (RawConnection connection = service.connect()) {
                if (connection.trySend(head)) {
                  connection.trySend(body);
                }
                return connection.answer(false);
              }
            },
            answer -> true);
    assertRefused(refused, 408);
    goesOn(call);
  }

  private static void goesOn(ProperCall call) throws IOException {
    RawConnection.Answer after = RouteAttack.send(service, call, call.target()).answer();
    assertThat(after.status()).as(after.text()).isEqualTo(200);
  }
}
