package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Money that several runs may spend together. What is left is shared out among those that run, and
 * what the processes of one may still spend belongs to no other, so that all of them together
 * exceed the cap at most by what they have under way. What a run has spent stays spent when it
 * ends. Thread-safe; takes no other lock.
 */
public final class SpendingCap {
  private final DoubleSupplier cap;

  @GuardedBy("this")
  private final Map<Share, Taken> running = new HashMap<>();

  @GuardedBy("this")
  private double before;

  /**
   * What a run has taken.
   *
   * @param held what it may have spent in all, at least what it has spent
   */
  private record Taken(double spent, double held) {
    static final Taken NOTHING = new Taken(0, 0);

    /** A report that comes late takes nothing of what was spent back. */
    Taken with(double newSpent, double newHeld) {
      double more = Math.max(spent, newSpent);
      return new Taken(more, Math.max(more, newHeld));
    }
  }

  /**
   * @param cap how much may be spent, infinite for no cap; read whenever it matters
   * @param before what has been spent already
   */
  public SpendingCap(DoubleSupplier cap, double before) {
    this.cap = cap;
    this.before = before;
  }

  /** One run's part of the cap; to be closed when the run spends no more. */
  public final class Share implements AutoCloseable, Budget.Fund {
    private Share() {}

    @Override
    public double reserve(double spent, double held) {
      synchronized (SpendingCap.this) {
        Taken known = running.get(this);
        if (known == null) {
          return 0;
        }
        Taken taken = known.with(spent, held);
        running.put(this, taken);
        double most = most(this, taken);
        running.put(this, taken.with(spent, Math.max(held, most)));
        return most;
      }
    }

    @Override
    public void holds(double spent, double held) {
      synchronized (SpendingCap.this) {
        running.computeIfPresent(this, (share, known) -> known.with(spent, held));
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
        Taken taken = running.remove(this);
        before += taken == null ? 0 : taken.spent;
      }
    }
  }

  /** A fair part of what is left, as far as other runs have given theirs back. */
  @GuardedBy("this")
  private double most(Share asking, Taken own) {
    double all = cap.getAsDouble();
    double heldByOthers = before;
    for (Map.Entry<Share, Taken> other : running.entrySet()) {
      heldByOthers += other.getKey() == asking ? 0 : other.getValue().held;
    }
    double fair = own.spent + Math.max(0, unspent()) / running.size();
    // Where there was no cap until now, others hold more than any number.
    double free = Double.isInfinite(all) ? all : all - heldByOthers;
    return Math.max(own.spent, Math.min(fair, free));
  }

  public synchronized Share join() {
    Share share = new Share();
    running.put(share, Taken.NOTHING);
    return share;
  }

  @GuardedBy("this")
  private double unspent() {
    double spent = before;
    for (Taken taken : running.values()) {
      spent += taken.spent;
    }
    return cap.getAsDouble() - spent;
  }
}
