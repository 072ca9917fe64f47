package io.batchinfer.quota;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * Money that several runs may spend together. What is left is shared out among those that run, so
 * that all of them together pass the cap at most by what they have under way. Thread-safe.
 */
public final class SpendingCap {
  private final DoubleSupplier cap;
  private final DoubleSupplier before;
  private final Map<Object, Double> running = new ConcurrentHashMap<>();

  /**
   * @param cap most that may be spent, infinite for no cap; asked again and again
   * @param before what was spent by runs that are over, and by earlier runs of those that are not
   */
  public SpendingCap(DoubleSupplier cap, DoubleSupplier before) {
    this.cap = cap;
    this.before = before;
  }

  /** One run's part of the cap; to be closed when what it spent is in {@code before}. */
  public final class Share implements AutoCloseable {
    private Share() {
      running.put(this, 0.0);
    }

    /** What the run may spend in all. */
    public double left() {
      return running.getOrDefault(this, 0.0)
          + Math.max(0, SpendingCap.this.left()) / Math.max(1, running.size());
    }

    /** What the run has spent. */
    void spent(double amount) {
      running.computeIfPresent(this, (share, known) -> Math.max(known, amount));
    }

    /** Whether nothing may be spent any more. */
    public boolean isReached() {
      return SpendingCap.this.left() <= 0;
    }

    public double cap() {
      return cap.getAsDouble();
    }

    @Override
    public void close() {
      running.remove(this);
    }
  }

  public Share join() {
    return new Share();
  }

  private double left() {
    double spent = before.getAsDouble();
    for (double amount : running.values()) {
      spent += amount;
    }
    return cap.getAsDouble() - spent;
  }
}
