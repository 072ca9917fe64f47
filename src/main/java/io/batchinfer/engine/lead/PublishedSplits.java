package io.batchinfer.engine.lead;

import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which splits are published, which of them again, and what their rows add up to. Not thread-safe.
 */
final class PublishedSplits {
  private final BitSet published = new BitSet();
  private int count;
  private Counts counts = Counts.ZERO;

  /** Reopened splits that are not published again yet. */
  private final Map<Integer, ReopenedSplit> reopened = new HashMap<>();

  /** Rows of these splits run again although they were published once. */
  void reopen(Map<Integer, ReopenedSplit> splits) {
    reopened.putAll(splits);
  }

  /** How a split was reopened that is not published again yet. */
  Optional<ReopenedSplit> reopened(int split) {
    return Optional.ofNullable(reopened.get(split));
  }

  /** Whether a pair of parts is what is to be published, not the one from before a reopening. */
  boolean isNewest(int split, PartCounts part) {
    ReopenedSplit reopening = reopened.get(split);
    return reopening == null || part.round() >= reopening.round();
  }

  void add(int split, PartCounts part) {
    reopened.remove(split);
    if (!published.get(split)) {
      published.set(split);
      count++;
      counts = counts.plus(part.counts());
    }
  }

  boolean contains(int split) {
    return published.get(split);
  }

  int size() {
    return count;
  }

  /** Sum over all published splits. */
  Counts counts() {
    return counts;
  }

  /** What stays of the splits that are reopened. */
  List<ReopenedSplit> reopened() {
    return List.copyOf(reopened.values());
  }
}
