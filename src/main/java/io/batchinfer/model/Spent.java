package io.batchinfer.model;

/**
 * What rows took until they were settled, over all tries.
 *
 * @param attempts requests sent, repeats included
 * @param mayHaveRun attempts without an answer that the endpoint may have executed
 * @param usage tokens that the answers reported, with their cost
 * @param saved what answers would have cost that were there already
 */
public record Spent(long attempts, long mayHaveRun, Usage usage, Savings saved) {
  public static final Spent NOTHING = new Spent(0, 0, Usage.NONE);

  /** Where nothing was saved. */
  public Spent(long attempts, long mayHaveRun, Usage usage) {
    this(attempts, mayHaveRun, usage, Savings.NONE);
  }

  public Spent plus(Spent other) {
    return new Spent(
        Saturating.sum(attempts, other.attempts),
        Saturating.sum(mayHaveRun, other.mayHaveRun),
        usage.plus(other.usage),
        saved.plus(other.saved));
  }
}
