package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Money that several runs may spend together. What is left is shared out among those that run, so
 * that all of them together pass the cap at most by what they have under way. What a run has spent
 * stays spent when it ends. Thread-safe; takes no other lock.
 */
public final class SpendingCap {
  private final DoubleSupplier cap;

  @GuardedBy("this")
  private final Map<Share, Double> running = new HashMap<>();

  @GuardedBy("this")
  private double before;

  /**
   * @param cap how much may be spent, infinite for no cap; read whenever it matters
   * @param before what has been spent already
   */
  public SpendingCap(DoubleSupplier cap, double before) {
    this.cap = cap;
    this.before = before;
  }

  /** One run's part of the cap; to be closed when the run spends no more. */
  public final class Share implements AutoCloseable {
    private Share() {}

    /** What the run may spend in all. */
    public double left() {
      synchronized (SpendingCap.this) {
        double free = Math.max(0, unspent()) / Math.max(1, running.size());
        return running.getOrDefault(this, 0.0) + free;
      }
    }

    /** What the run has spent. */
    void spent(double amount) {
      synchronized (SpendingCap.this) {
        running.computeIfPresent(this, (share, known) -> Math.max(known, amount));
      }
    }

    /** Whether nothing may be spent any more. */
    public boolean isReached() {
      synchronized (SpendingCap.this) {
        return unspent() <= 0;
      }
    }

    public double cap() {
      return cap.getAsDouble();
    }

    @Override
    public void close() {
      synchronized (SpendingCap.this) {
        Double amount = running.remove(this);
        before += amount == null ? 0 : amount;
      }
    }
  }

  public synchronized Share join() {
    Share share = new Share();
    running.put(share, 0.0);
    return share;
  }

  @GuardedBy("this")
  private double unspent() {
    double spent = before;
    for (double amount : running.values()) {
      spent += amount;
    }
    return cap.getAsDouble() - spent;
  }
}
