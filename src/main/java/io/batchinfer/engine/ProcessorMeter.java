package io.batchinfer.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.OperatingSystemMXBean;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.time.SystemTime;
import io.batchinfer.time.Ticker;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * How busy this process and its machine are. In a container the machine is what the container may
 * use. There is one for each process, since the platform tells the load since it was last asked.
 * Thread-safe.
 */
public final class ProcessorMeter {
  /** Of this process. */
  public static final ProcessorMeter HERE = new ProcessorMeter(platform(), SystemTime.TICKER);

  /** Over less time the load that the platform tells is chance. */
  private static final Duration LEAST_INTERVAL = Duration.ofMillis(500);

  private final Machine machine;
  private final Ticker ticker;

  @GuardedBy("this")
  private ProcessorTime total = ProcessorTime.NONE;

  @GuardedBy("this")
  private long lookedAt;

  @GuardedBy("this")
  private long usedNanos;

  /** What a platform tells. */
  interface Machine {
    /** Nanoseconds of processors that this process has used; below zero where not known. */
    long processNanos();

    /** The busy part of the machine since it was last asked; not from 0 to 1 where not known. */
    double load();

    /** How many processors this process may use. */
    int processors();
  }

  ProcessorMeter(Machine machine, Ticker ticker) {
    this.machine = machine;
    this.ticker = ticker;
    this.lookedAt = ticker.nanos();
    this.usedNanos = machine.processNanos();
    // The first answer is of no time at all.
    machine.load();
  }

  /**
   * The totals since this was made, not older than half a second. They stand still where the
   * platform tells nothing. Cheap enough to be asked all the time.
   */
  public synchronized ProcessorTime read() {
    long now = ticker.nanos();
    long elapsed = now - lookedAt;
    if (elapsed < LEAST_INTERVAL.toNanos()) {
      return total;
    }
    long used = machine.processNanos();
    double load = machine.load();
    if (used >= 0 && usedNanos >= 0) {
      double offered = (double) elapsed * machine.processors();
      double own = Math.min(offered, (double) (used - usedNanos));
      double all = load >= 0 && load <= 1 ? Math.max(own, load * offered) : own;
      total = total.plus(new ProcessorTime(micros(own), micros(all), micros(offered)));
    }
    lookedAt = now;
    usedNanos = used;
    return total;
  }

  private static long micros(double nanos) {
    return Math.round(nanos / 1000);
  }

  private static Machine platform() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean bean
        ? new Platform(bean)
        : new Unknown();
  }

  private record Platform(OperatingSystemMXBean bean) implements Machine {
    @Override
    public long processNanos() {
      return bean.getProcessCpuTime();
    }

    @Override
    public double load() {
      return bean.getCpuLoad();
    }

    @Override
    public int processors() {
      return Runtime.getRuntime().availableProcessors();
    }
  }

  /** A platform that has no such bean. */
  private record Unknown() implements Machine {
    @Override
    public long processNanos() {
      return -1;
    }

    @Override
    public double load() {
      return -1;
    }

    @Override
    public int processors() {
      return 1;
    }
  }
}
