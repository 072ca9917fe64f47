package io.batchinfer.model;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The intent to run rows of a finished job again, written before anything of the job is touched and
 * kept until it has ended again. With it every step of the way can be repeated after a crash.
 *
 * @param since when the job's time began to run anew
 * @param splits reopened splits by number
 */
public record Reopening(Instant since, SortedMap<Integer, ReopenedSplit> splits) {
  public Reopening {
    splits = Collections.unmodifiableSortedMap(new TreeMap<>(splits));
  }
}
