package io.batchinfer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ProcessorTime;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessorMeterTest {
  private final VirtualTime time = new VirtualTime();
  private final Platform platform = new Platform();
  private final ProcessorMeter meter = new ProcessorMeter(platform, time);

  /** Of four processors. */
  private static final class Platform implements ProcessorMeter.Machine {
    private long usedMillis = 70_000;
    private double load;
    private long waitedMillis;
    private int asked;
    private int askedForWaits;

    @Override
    public long processNanos() {
      return usedMillis < 0 ? -1 : Duration.ofMillis(usedMillis).toNanos();
    }

    @Override
    public double load() {
      asked++;
      return load;
    }

    @Override
    public int processors() {
      return 4;
    }

    @Override
    public long waitedNanos() {
      askedForWaits++;
      return Duration.ofMillis(waitedMillis).toNanos();
    }
  }

  private ProcessorTime after(long millis, long used, double load) {
    time.advance(Duration.ofMillis(millis));
    platform.usedMillis += used;
    platform.load = load;
    return meter.read();
  }

  @Test
  void countsFromItsBeginningWhatTheProcessAndItsMachineUse() {
    assertThat(meter.read()).isEqualTo(ProcessorTime.NONE);
    assertThat(after(1000, 1000, 0.5))
        .isEqualTo(new ProcessorTime(1_000_000, 1_000_000, 2_000_000, 4_000_000));
    assertThat(after(500, 0, 1))
        .isEqualTo(new ProcessorTime(1_000_000, 1_000_000, 4_000_000, 6_000_000));
  }

  @Test
  void asksThePlatformNoMoreThanTwiceASecond() {
    ProcessorTime first = after(500, 100, 0.25);
    for (int i = 0; i < 4; i++) {
      assertThat(after(100, 100, 1)).isEqualTo(first);
    }
    // Once when it was made.
    assertThat(platform.asked).isEqualTo(2);
    assertThat(after(100, 0, 0.25).since(first))
        .isEqualTo(new ProcessorTime(400_000, 400_000, 500_000, 2_000_000));
  }

  @Test
  void aMachineUsesNoLessThanTheProcessAndAProcessNoMoreThanThereIs() {
    assertThat(after(1000, 5000, 0.1))
        .isEqualTo(new ProcessorTime(4_000_000, 4_000_000, 4_000_000, 4_000_000));
  }

  @Test
  void whatThreadsWaitForIsWantedWhereTheMachineIsFull() {
    platform.waitedMillis = 50_000;
    ProcessorTime first = after(1000, 400, 0.9);
    platform.waitedMillis += 1600;
    ProcessorTime second = after(1000, 400, 0.9);
    assertThat(second.since(first).wanted()).isEqualTo(2_000_000);
    platform.waitedMillis += 60_000;
    ProcessorTime third = after(1000, 400, 0.9);
    assertThat(third.since(second).wanted()).as("no more than there is").isEqualTo(4_000_000);

    int asked = platform.askedForWaits;
    platform.waitedMillis += 60_000;
    ProcessorTime calm = after(1000, 400, 0.5);
    assertThat(calm.since(third).wanted()).isEqualTo(400_000);
    assertThat(platform.askedForWaits).as("nobody waits where there is room").isEqualTo(asked);
    assertThat(after(1000, 400, 0.9).since(calm).wanted())
        .as("what was waited for before is not known")
        .isEqualTo(400_000);
  }

  @Test
  void whatThePlatformDoesNotTellIsNotCounted() {
    assertThat(after(1000, 1000, Double.NaN))
        .as("the load")
        .isEqualTo(new ProcessorTime(1_000_000, 1_000_000, 1_000_000, 4_000_000));
    platform.usedMillis = -1;
    time.advance(Duration.ofSeconds(1));
    assertThat(meter.read())
        .as("what the process uses")
        .isEqualTo(new ProcessorTime(1_000_000, 1_000_000, 1_000_000, 4_000_000));
  }

  @Test
  void thisPlatformTellsAll() {
    ProcessorTime before = ProcessorMeter.HERE.read();
    long begun = System.nanoTime();
    ProcessorTime since;
    // Work, so that there is something to be seen.
    do {
      since = ProcessorMeter.HERE.read().since(before);
    } while (since.offered() == 0 && System.nanoTime() - begun < Duration.ofSeconds(60).toNanos());

    assertThat(since.offered()).isPositive();
    assertThat(since.own()).isBetween(1L, since.machine());
    assertThat(since.wanted()).isBetween(since.own(), since.offered());
    assertThat(since.machine()).isLessThanOrEqualTo(since.offered());
  }
}
