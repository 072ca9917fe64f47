package io.batchinfer.engine.send;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.quota.ProcessReading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What this process has done for all runs that it ever worked for, and what it has under way.
 * Nothing is counted here: each run is asked when somebody wants to know. Thread-safe.
 */
public final class ProcessWork {
  static final ProcessWork HERE = new ProcessWork();

  @GuardedBy("this")
  private final List<Supplier<ProcessReading>> runs = new ArrayList<>();

  @GuardedBy("this")
  private ProcessReading ended = ProcessReading.NOTHING;

  ProcessWork() {}

  /** The totals of this process, and what it has under way. */
  public static ProcessReading here() {
    return HERE.reading();
  }

  /**
   * Adds a run.
   *
   * @param reading what this process has done for it; asked from any thread
   * @return to be closed when this process does nothing for it any more
   */
  AutoCloseable add(Supplier<ProcessReading> reading) {
    synchronized (this) {
      runs.add(reading);
    }
    return () -> end(reading);
  }

  private synchronized void end(Supplier<ProcessReading> run) {
    if (runs.remove(run)) {
      ended = ended.plus(run.get().ended());
    }
  }

  synchronized ProcessReading reading() {
    ProcessReading sum = ended;
    for (Supplier<ProcessReading> run : runs) {
      sum = sum.plus(run.get());
    }
    return sum;
  }
}
