package io.batchinfer.engine.send;

import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * How many rows may be read before they are settled: enough for the slots of this process, and for
 * those that free themselves while more are read. Until an endpoint has answered only a few rows
 * are let out; the others are read meanwhile, so that all slots can be used at once afterwards.
 * Thread-safe.
 */
final class ReadAhead implements IntSupplier {
  private static final int LEAST = 256;

  private final IntSupplier granted;
  private final BooleanSupplier succeeded;
  private final int configured;
  private final int timesAsMany;
  private volatile boolean begun;

  /**
   * @param granted slots of this process
   * @param succeeded whether an endpoint has answered
   * @param configured requests that may be under way in all processes together, 0 when nobody knows
   * @param timesAsMany how many rows are read for one that one might do with: those that one
   *     request may hold, and more where the next is chosen among them
   */
  ReadAhead(IntSupplier granted, BooleanSupplier succeeded, int configured, int timesAsMany) {
    this.granted = granted;
    this.succeeded = succeeded;
    this.configured = configured;
    this.timesAsMany = timesAsMany;
  }

  @Override
  public int getAsInt() {
    int slots = granted.getAsInt();
    if (slots < configured && !begun) {
      begun = succeeded.getAsBoolean();
      slots = begun ? slots : configured;
    }
    return rowsFor(slots);
  }

  /** Rows for that many slots. */
  private int rowsFor(int slots) {
    long rows = Math.max(LEAST, slots * 2L + LEAST / 4) * timesAsMany;
    return (int) Math.min(Integer.MAX_VALUE, rows);
  }
}
