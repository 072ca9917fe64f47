package io.batchinfer.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a set of settled rows adds up to.
 *
 * @param attempts requests sent, repeats included
 * @param mayHaveRun attempts without an answer that the endpoint may have executed
 * @param marks answers cut off, withheld or repaired
 * @param errors failed rows by code
 */
public record Counts(
    long succeeded,
    long failed,
    long attempts,
    long mayHaveRun,
    MarkCounts marks,
    Usage usage,
    SortedMap<String, Long> errors) {
  public static final Counts ZERO =
      new Counts(0, 0, 0, 0, MarkCounts.NONE, Usage.NONE, new TreeMap<>());

  public Counts {
    errors = Collections.unmodifiableSortedMap(new TreeMap<>(errors));
  }

  /** Counts in which some answers are cut off by their token limit and none is marked else. */
  public Counts(
      long succeeded,
      long failed,
      long attempts,
      long mayHaveRun,
      long truncated,
      Usage usage,
      SortedMap<String, Long> errors) {
    this(succeeded, failed, attempts, mayHaveRun, new MarkCounts(truncated, 0, 0), usage, errors);
  }

  public long settled() {
    return Saturating.sum(succeeded, failed);
  }

  public Counts plus(Counts other) {
    SortedMap<String, Long> sum = new TreeMap<>(errors);
    other.errors.forEach((code, count) -> sum.merge(code, count, Saturating::sum));
    return new Counts(
        Saturating.sum(succeeded, other.succeeded),
        Saturating.sum(failed, other.failed),
        Saturating.sum(attempts, other.attempts),
        Saturating.sum(mayHaveRun, other.mayHaveRun),
        marks.plus(other.marks),
        usage.plus(other.usage),
        sum);
  }
}
