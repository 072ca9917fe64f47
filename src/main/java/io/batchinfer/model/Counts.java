package io.batchinfer.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a set of settled rows adds up to.
 *
 * @param marks answers cut off, withheld or repaired
 * @param errors failed rows by code
 */
public record Counts(
    RowCounts rows, Spent spent, MarkCounts marks, SortedMap<String, Long> errors) {
  public static final Counts ZERO = new Counts(RowCounts.NONE, Spent.NOTHING, new TreeMap<>());

  public Counts {
    errors = Collections.unmodifiableSortedMap(new TreeMap<>(errors));
  }

  /** Counts of rows whose answers bear no mark. */
  public Counts(RowCounts rows, Spent spent, SortedMap<String, Long> errors) {
    this(rows, spent, MarkCounts.NONE, errors);
  }

  public long succeeded() {
    return rows.succeeded();
  }

  public long failed() {
    return rows.failed();
  }

  public long settled() {
    return rows.settled();
  }

  public long attempts() {
    return spent.attempts();
  }

  public long mayHaveRun() {
    return spent.mayHaveRun();
  }

  public Usage usage() {
    return spent.usage();
  }

  public Savings saved() {
    return spent.saved();
  }

  public Counts plus(Counts other) {
    SortedMap<String, Long> sum = new TreeMap<>(errors);
    other.errors.forEach((code, count) -> sum.merge(code, count, Saturating::sum));
    return new Counts(rows.plus(other.rows), spent.plus(other.spent), marks.plus(other.marks), sum);
  }
}
