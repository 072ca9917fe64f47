package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final VirtualTime time = new VirtualTime();
  private final List<String> heard = new ArrayList<>();
  private final Watchdog watchdog = new Watchdog(time, time, heard::add);
  private final AtomicLong movement = new AtomicLong();

  @Test
  void whatStandsIsNamedOnceAndAgainWhenItStandsAnew() {
    watchdog.watch("split 3", movement::get, PATIENCE);
    time.advance(Duration.ofSeconds(59));
    assertThat(heard).isEmpty();
    time.advance(Duration.ofMinutes(10));
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0)).contains("split 3", "60 s");

    movement.incrementAndGet();
    time.advance(Duration.ofMinutes(10));
    assertThat(heard).hasSize(2);
  }

  @Test
  void whatMovesOrHasNothingToDoOrIsOverIsNotNamed() {
    AtomicLong idle = new AtomicLong(Watchdog.IDLE);
    watchdog.watch("moves", movement::get, PATIENCE);
    watchdog.watch("idle", idle::get, PATIENCE);
    Watchdog.Watch over = watchdog.watch("over", () -> 1, PATIENCE);
    over.close();
    for (int i = 0; i < 100; i++) {
      movement.incrementAndGet();
      time.advance(Duration.ofSeconds(30));
    }
    assertThat(heard).isEmpty();
    watchdog.close();
    time.advance(Duration.ofHours(1));
    assertThat(heard).isEmpty();
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void whatBeginsLateMayStandAsLongAsWhatBeganFirst() {
    time.advance(Duration.ofHours(1));
    watchdog.watch("split 4", movement::get, PATIENCE);

    time.advance(Duration.ofSeconds(59));
    assertThat(heard).isEmpty();
    time.advance(Duration.ofSeconds(15));
    assertThat(heard).singleElement().asString().contains("split 4", "for 60 s");
  }
}
