package io.batchinfer.client.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private final ManualScheduler scheduler = new ManualScheduler();
  private final List<String> expired = new ArrayList<>();
  private final Deadlines deadlines =
      new Deadlines(scheduler, Duration.ofSeconds(10), Runnable::run);

  private Deadlines.Timed named(String name) {
    return new Deadlines.Timed() {
      @Override
      void expired() {
        expired.add(name);
      }
    };
  }

  @Test
  void expiresNotBeforeItsTimeAndSoonAfter() {
    deadlines.arm(named("first"));
    scheduler.advanceMillis(90);
    deadlines.arm(named("second"));

    scheduler.advanceMillis(9_909);
    assertThat(expired).isEmpty();
    scheduler.advanceMillis(591);
    assertThat(expired).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void armingAgainStartsAnew() {
    Deadlines.Timed timed = named("timed");
    deadlines.arm(timed);
    scheduler.advanceMillis(5_000);
    deadlines.arm(timed);

    scheduler.advanceMillis(9_999);
    assertThat(expired).isEmpty();
    scheduler.advanceMillis(501);
    assertThat(expired).containsExactly("timed");
  }

  @Test
  void disarmedNeverExpiresAndLeavesNoTimerBehind() {
    Deadlines.Timed first = named("first");
    Deadlines.Timed second = named("second");
    Deadlines.Timed third = named("third");
    deadlines.arm(first);
    deadlines.arm(second);
    deadlines.arm(third);
    deadlines.disarm(second);
    deadlines.disarm(first);
    deadlines.disarm(first);
    deadlines.disarm(third);
    scheduler.advanceMillis(200);

    assertThat(scheduler.pending()).isZero();
    scheduler.advanceMillis(20_000);
    assertThat(expired).isEmpty();
  }

  @Test
  void thousandsShareOneTimerPerInterval() {
    for (int i = 0; i < 5_000; i++) {
      deadlines.arm(named("n" + i));
    }

    assertThat(scheduler.pending()).isEqualTo(2);
    scheduler.advanceMillis(10_500);
    assertThat(expired).hasSize(5_000);
  }

  @Test
  void expiryMayDisarmAnother() {
    Deadlines.Timed other = named("other");
    deadlines.arm(other);
    deadlines.arm(
        new Deadlines.Timed() {
          @Override
          void expired() {
            deadlines.disarm(other);
          }
        });
    scheduler.advanceMillis(10_500);

    assertThat(expired).isEmpty();
  }

  @Test
  void closingDropsTheTimers() {
    Deadlines.Timed timed = named("timed");
    deadlines.arm(timed);
    deadlines.close();
    deadlines.disarm(timed);
    scheduler.advanceMillis(200);

    assertThat(scheduler.pending()).isZero();
  }
}
