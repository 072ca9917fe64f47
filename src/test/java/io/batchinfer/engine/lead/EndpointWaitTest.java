package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.quota.QuotaAuthority.Waiting;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The words for a wait, at the first of January, midnight, of the virtual clock. */
class EndpointWaitTest {
  private static final Map<String, List<String>> TWO =
      Map.of("base-url", List.of("http://a:1", "http://b:2"));

  private static final String A = "http://a:1";

  private final VirtualTime time = new VirtualTime();

  private EndpointWait words(Map<String, List<String>> options) {
    ResolvedOptions resolved = OptionSources.builder().flags(options).resolve();
    return new EndpointWait(resolved, time.clock());
  }

  private static Optional<Waiting> waiting(
      String replica, boolean all, double seconds, Duration patience, boolean cold) {
    Duration lasting = Duration.ofNanos(Math.round(seconds * 1e9));
    return Optional.of(new Waiting(replica, all, "answers 503", lasting, patience, cold));
  }

  @Test
  void whereNothingIsWaitedForThereIsNothingToSay() {
    assertThat(words(TWO).words(Optional.empty())).isEmpty();
  }

  @Test
  void anEndpointThatHasAnsweredIsWaitedForAsLongAsForAnyPause() {
    time.advance(Duration.ofHours(9).plusSeconds(70));

    assertThat(words(TWO).words(waiting(A, true, 10, Duration.ofMinutes(15), false)))
        .isEqualTo(
            "http://a:1 answers 503 since 09:01:00; waiting until 09:16:00, --max-cool-down 15m");
  }

  @Test
  void oneThatHasNotIsWaitedForAsLongAsTheUserSays() {
    time.advance(Duration.ofHours(9));
    Map<String, List<String>> told =
        Map.of(
            "base-url",
            List.of("http://a:1"),
            "wait-for-endpoint",
            List.of("20m"),
            "max-cool-down",
            List.of("2m"));

    assertThat(words(told).words(waiting(A, true, 0, Duration.ofMinutes(20), true)))
        .isEqualTo(
            "http://a:1 answers 503 since 09:00:00; waiting until 09:20:00, --wait-for-endpoint 20m");
    assertThat(words(told).words(waiting(A, true, 0, Duration.ofMinutes(2), false)))
        .endsWith("waiting until 09:02:00, --max-cool-down 2m");
  }

  @Test
  void whereTheUserSaysNothingItIsThePauseAsWell() {
    assertThat(words(TWO).words(waiting(A, true, 0, Duration.ofMinutes(15), true)))
        .endsWith("waiting until 00:15:00, --max-cool-down 15m");
  }

  @Test
  void whereOthersAreThereTheRunDoesNotWait() {
    time.advance(Duration.ofSeconds(5));

    assertThat(words(TWO).words(waiting("http://b:2", false, 2, Duration.ofMinutes(15), false)))
        .isEqualTo("http://b:2 answers 503 since 00:00:03; its requests go to the others");
  }

  @Test
  void theSameMomentIsShownTheSameAsLongAsItLasts() {
    EndpointWait words = words(TWO);
    time.advance(Duration.ofSeconds(100));
    String first = words.words(waiting(A, true, 10, Duration.ofMinutes(15), false));
    time.advance(Duration.ofSeconds(20));

    assertThat(words.words(waiting(A, true, 28.1, Duration.ofMinutes(15), false))).isEqualTo(first);
    assertThat(words.words(waiting(A, true, 31.9, Duration.ofMinutes(15), false))).isEqualTo(first);
    assertThat(words.words(waiting(A, true, 28, Duration.ofMinutes(15), false)))
        .as("another outage")
        .startsWith("http://a:1 answers 503 since 00:01:32; waiting until 00:16:32");
  }

  @Test
  void anotherReplicaThatHasBeenAwayForLongerIsShownWithItsOwnTime() {
    EndpointWait words = words(TWO);
    time.advance(Duration.ofSeconds(100));
    var unused = words.words(waiting(A, false, 10, Duration.ofMinutes(15), false));

    assertThat(words.words(waiting("http://b:2", false, 40, Duration.ofMinutes(15), false)))
        .startsWith("http://b:2 answers 503 since 00:01:00");
  }

  @Test
  void anotherDayIsNamed() {
    time.advance(Duration.ofHours(23).plusMinutes(50));
    EndpointWait words = words(TWO);
    assertThat(words.words(waiting(A, true, 0, Duration.ofMinutes(15), false)))
        .contains("since 23:50:00; waiting until 2026-01-02 00:05:00,");

    time.advance(Duration.ofMinutes(12));

    assertThat(words.words(waiting(A, true, 720, Duration.ofMinutes(15), false)))
        .contains("since 2026-01-01 23:50:00; waiting until 00:05:00,");
  }
}
