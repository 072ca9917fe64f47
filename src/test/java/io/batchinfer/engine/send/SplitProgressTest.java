package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a split may be published. */
class SplitProgressTest {
  private final SendingParts parts =
      new SendingParts(Stream.of("a", "b").map(WorkedJob::line).toList(), 1, Map.of());
  private final SplitProgress progress = parts.progress();

  @AfterEach
  void close() {
    parts.close();
  }

  @Test
  void aSplitIsOverWhenItsReaderIsThroughAndItsLastRowIsSettled() {
    progress.rowOpened();
    progress.rowOpened();
    assertThat(progress.movement()).isEqualTo(3);
    assertThat(progress.isSettledSoFar()).isFalse();
    progress.done();
    progress.done();
    assertThat(progress.isSettledSoFar()).isTrue();
    assertThat(parts.settled).as("more may be read").isEmpty();

    progress.done();

    assertThat(parts.settled).containsExactly(progress);
    assertThat(progress.movement()).isZero();
    assertThat(progress.isSettledSoFar()).isFalse();
    assertThat(progress.split()).isEqualTo(parts.split());
  }

  @Test
  void aReaderThatIsThroughFirstWaitsForTheRows() {
    progress.rowOpened();
    progress.done();
    assertThat(parts.settled).isEmpty();

    progress.done();
    assertThat(parts.settled).containsExactly(progress);
  }

  @Test
  void aSplitThatIsOverIsWatchedNoMore() {
    List<String> stands = new ArrayList<>();
    try (Watchdog watchdog = new Watchdog(parts.time, parts.time, stands::add)) {
      progress.watchedBy(watchdog.watch("The split", progress::movement, Duration.ofSeconds(10)));
      progress.rowOpened();
      progress.done();
      parts.time.advance(Duration.ofMinutes(1));
      assertThat(stands).hasSize(1);

      SplitProgress next = parts.progress();
      next.watchedBy(watchdog.watch("The next", next::movement, Duration.ofSeconds(10)));
      next.done();
      parts.time.advance(Duration.ofMinutes(1));
      assertThat(stands).as("the next one is over").hasSize(1);
    }
  }

  @Test
  void whatIsLeftOutIsKnownByItsLine() {
    progress.leaveOut(1);

    assertThat(progress.leftOut().stream().boxed()).containsExactly(1);
    assertThat(progress.leftOut().cardinality()).isOne();
  }
}
