package io.batchinfer.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.OperatingSystemMXBean;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.time.SystemTime;
import io.batchinfer.time.Ticker;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
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

  /** Where so much of a machine is in use, threads may have to wait. */
  private static final double FULL = 0.8;

  private final Machine machine;
  private final Ticker ticker;

  @GuardedBy("this")
  private ProcessorTime total = ProcessorTime.NONE;

  @GuardedBy("this")
  private long lookedAt;

  @GuardedBy("this")
  private long usedNanos;

  /** Below zero where it was not looked at last time. */
  @GuardedBy("this")
  private long waitedNanos = -1;

  /** What a platform tells. */
  interface Machine {
    /** Nanoseconds of processors that this process has used; below zero where not known. */
    long processNanos();

    /** The busy part of the machine since it was last asked; not from 0 to 1 where not known. */
    double load();

    /** How many processors this process may use. */
    int processors();

    /**
     * Nanoseconds that the threads which there are have waited for a processor; below zero where
     * not known. Costs a read for each thread.
     */
    long waitedNanos();
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
      double wanted = Math.min(offered, own + waited(all >= FULL * offered));
      total =
          total.plus(new ProcessorTime(micros(own), micros(wanted), micros(all), micros(offered)));
    }
    lookedAt = now;
    usedNanos = used;
    return total;
  }

  /** Nobody waits where there is room. */
  @GuardedBy("this")
  private double waited(boolean full) {
    long before = waitedNanos;
    waitedNanos = full ? machine.waitedNanos() : -1;
    return before < 0 || waitedNanos < 0 ? 0 : Math.max(0, waitedNanos - before);
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
    private static final Path THREADS = Path.of("/proc/self/task");

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

    @Override
    public long waitedNanos() {
      return ThreadWaits.nanos(THREADS);
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

    @Override
    public long waitedNanos() {
      return -1;
    }
  }
}
