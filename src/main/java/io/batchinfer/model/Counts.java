package io.batchinfer.model;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a set of settled rows adds up to.
 *
 * @param attempts requests sent, repeats included
 * @param mayHaveRun attempts without an answer that the endpoint may have executed
 * @param truncated answers cut off by their token limit
 * @param errors failed rows by code
 */
public record Counts(
    long succeeded,
    long failed,
    long attempts,
    long mayHaveRun,
    long truncated,
    Usage usage,
    SortedMap<String, Long> errors) {
  public static final Counts ZERO = new Counts(0, 0, 0, 0, 0, Usage.NONE, new TreeMap<>());

  public Counts {
    errors = Collections.unmodifiableSortedMap(new TreeMap<>(errors));
  }

  public long settled() {
    return succeeded + failed;
  }

  public Counts plus(Counts other) {
    SortedMap<String, Long> sum = new TreeMap<>(errors);
    other.errors.forEach((code, count) -> sum.merge(code, count, Long::sum));
    return new Counts(
        succeeded + other.succeeded,
        failed + other.failed,
        attempts + other.attempts,
        mayHaveRun + other.mayHaveRun,
        truncated + other.truncated,
        usage.plus(other.usage),
        sum);
  }
}
