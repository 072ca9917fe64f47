package io.batchinfer.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for another process, the only thing whose time a test cannot control. */
public final class Eventually {
  /**
   * Bounds the wait for what must come, on a machine however slow and busy: only what hangs takes
   * longer. It costs nothing where all is well.
   */
  public static final Duration LONG_ENOUGH = Duration.ofMinutes(5);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  private Eventually() {}

  /**
   * Returns once the condition holds.
   *
   * @param evidence what to show when it does not hold in time
   */
  public static void await(
      String what, Duration timeout, BooleanSupplier condition, Supplier<String> evidence) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > timeout.toNanos()) {
        throw new AssertionError("Not within " + timeout + ": " + what + "\n" + evidence.get());
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }
}
