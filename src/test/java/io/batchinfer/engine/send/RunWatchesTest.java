package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.testing.VirtualTime;
import io.batchinfer.watch.RowDone;
import io.batchinfer.watch.WorkObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What of a run is watched, and for how long it may stand. */
class RunWatchesTest {
  private final VirtualTime time = new VirtualTime();
  private final List<String> notices = new ArrayList<>();
  private final List<String> splits = new ArrayList<>();
  private final RunWatches watches = new RunWatches(options(), time, observer(), notices::add);

  private static ResolvedOptions options() {
    return OptionSources.builder()
        .flags(
            Map.of(
                "base-url", List.of("http://a:1"),
                "request-timeout", List.of("60s"),
                "max-attempts", List.of("3"),
                "max-cool-down", List.of("2m")))
        .resolve();
  }

  private WorkObserver observer() {
    return new WorkObserver() {
      @Override
      public void reads(Supplier<ProcessReading> reading) {}

      @Override
      public long now() {
        return 0;
      }

      @Override
      public void splitBegan(int split) {
        splits.add("began " + split);
      }

      @Override
      public void splitEnded(int split) {
        splits.add("ended " + split);
      }

      @Override
      public void rowEnded(RowDone row) {}

      @Override
      public void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos) {}

      @Override
      public void close() {}
    };
  }

  @Test
  void rowsMayStandAsLongAsAllTheirAttemptsAndAPauseTake() {
    try (Watchdog.Watch watch = watches.rows(7, () -> 1)) {
      assertThat(watch).isNotNull();
      time.advance(Duration.ofSeconds(3 * 60 + 120 - 1));
      assertThat(notices).isEmpty();
      time.advance(Duration.ofSeconds(30));
      assertThat(notices).singleElement().asString().contains("Split 7");
    }
    notices.clear();
    time.advance(Duration.ofHours(1));
    assertThat(notices).isEmpty();
  }

  @Test
  void aSplitMayBePublishedForAQuarterOfAnHour() {
    try (Watchdog.Watch watch = watches.publishing(3)) {
      assertThat(watch).isNotNull();
      time.advance(Duration.ofMinutes(14));
      assertThat(notices).isEmpty();
      time.advance(Duration.ofMinutes(2));
      assertThat(notices).singleElement().asString().contains("The publishing of split 3");
    }
  }

  @Test
  void settledRowsAreFlushedWithinAMinute() {
    watches.flushes("/segments", () -> 5);
    time.advance(Duration.ofSeconds(80));

    assertThat(notices).singleElement().asString().contains("/segments");
    watches.close();
    time.advance(Duration.ofHours(1));
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void whoFollowsTheRunHearsOfItsSplits() {
    watches.splitBegan(4);
    watches.splitEnded(4);

    assertThat(splits).containsExactly("began 4", "ended 4");
  }
}
