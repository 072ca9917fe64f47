package io.batchinfer.storage;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches several processes that claim one output: no two may grant anything at once, and what one
 * granted has to run out before another grants. For one thread at a time.
 */
final class SoleOwner {
  private final long fence;
  private final LongSupplier nanos;
  private final @Nullable Ownership[] owners;
  private final boolean[] released;
  private final long[] lastValid;

  /** The time has to be above 0. */
  SoleOwner(int processes, OwnershipTiming timing, LongSupplier nanos) {
    this.fence = timing.fence().toNanos();
    this.nanos = nanos;
    this.owners = new Ownership[processes];
    this.released = new boolean[processes];
    this.lastValid = new long[processes];
  }

  /** That process won. */
  void won(int process, Ownership ownership) {
    owners[process] = ownership;
  }

  /** From now on that process grants nothing, and what it granted is over. */
  void releases(int process) {
    released[process] = true;
  }

  /** How many won so far. */
  int winners() {
    return (int) Arrays.stream(owners).filter(owner -> owner != null).count();
  }

  /** To be called whenever something may have changed. */
  void check() {
    for (int i = 0; i < owners.length; i++) {
      Ownership owner = owners[i];
      if (owner == null || released[i] || !owner.isValid()) {
        continue;
      }
      lastValid[i] = nanos.getAsLong();
      for (int j = 0; j < owners.length; j++) {
        if (j != i && !released[j] && lastValid[j] > 0 && lastValid[i] - lastValid[j] < fence) {
          throw new AssertionError("%d owns the output while grants of %d last".formatted(i, j));
        }
      }
    }
  }
}
