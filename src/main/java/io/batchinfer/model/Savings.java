package io.batchinfer.model;

/**
 * What was not paid: for answers that were there already, their price, had they been asked for; for
 * those of a batch service, the rest of their price.
 *
 * @param deduplicated for the answers of equal rows
 * @param reused for those of earlier outputs
 * @param batch for those of a provider's batch service
 */
public record Savings(Cost deduplicated, Cost reused, Cost batch) {
  public static final Savings NONE = new Savings(Cost.NONE, Cost.NONE, Cost.NONE);

  /** What one answer saved. */
  public static Savings of(AnswerSource source, Cost cost) {
    return switch (source) {
      case ENDPOINT -> NONE;
      case EQUAL_ROW -> new Savings(cost, Cost.NONE, Cost.NONE);
      case EARLIER_OUTPUT -> new Savings(Cost.NONE, cost, Cost.NONE);
      case BATCH_SERVICE -> new Savings(Cost.NONE, Cost.NONE, cost);
    };
  }

  public Savings plus(Savings other) {
    return other.equals(NONE)
        ? this
        : new Savings(
            deduplicated.plus(other.deduplicated),
            reused.plus(other.reused),
            batch.plus(other.batch));
  }
}
