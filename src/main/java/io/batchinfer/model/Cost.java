package io.batchinfer.model;

/**
 * What answers cost, each by the price of its own model. Sums are exact, and stay at the largest
 * number rather than overflow.
 *
 * @param billionths of the unit of the job's currency, over the answers whose price is known
 * @param unpriced answers that used tokens whose price is not known
 */
public record Cost(long billionths, long unpriced) {
  private static final double BILLION = 1e9;

  public static final Cost NONE = new Cost(0, 0);

  /** That of one answer whose price is not known. */
  public static final Cost UNKNOWN = new Cost(0, 1);

  public static Cost of(long billionths) {
    return billionths == 0 ? NONE : new Cost(billionths, 0);
  }

  /** In units of the currency, over the answers whose price is known. */
  public double amount() {
    return billionths / BILLION;
  }

  /** Whether the price of every answer is known. */
  public boolean isKnown() {
    return unpriced == 0;
  }

  public Cost plus(Cost other) {
    if (other.equals(NONE)) {
      return this;
    }
    return new Cost(
        Saturating.sum(billionths, other.billionths), Saturating.sum(unpriced, other.unpriced));
  }
}
