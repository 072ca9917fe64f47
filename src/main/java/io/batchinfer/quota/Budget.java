package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/**
 * What a run may spend, in a unit of its own.
 *
 * @param left what this process of the program and its executors may spend in all; asked again and
 *     again
 * @param spent is told what they have spent
 */
public record Budget(DoubleSupplier left, Unit unit, DoubleConsumer spent) {

  /** What is counted. */
  public enum Unit {
    TOKENS,
    /** Units of the run's currency. */
    MONEY;

    double of(Usage used) {
      return this == TOKENS ? used.total() : used.cost().amount();
    }
  }

  /** A budget of the run alone. */
  public Budget(double left, Unit unit) {
    this(() -> left, unit, amount -> {});
  }

  /** A part of the money that several runs may spend. */
  public Budget(SpendingCap.Share share) {
    this(share::left, Unit.MONEY, share::spent);
  }
}
