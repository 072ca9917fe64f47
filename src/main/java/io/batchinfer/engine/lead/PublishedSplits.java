package io.batchinfer.engine.lead;

import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which splits are published, which of them again, and what their rows add up to. Not thread-safe.
 */
final class PublishedSplits {
  private final BitSet published = new BitSet();
  private int count;
  private Counts counts = Counts.ZERO;

  /** Reopened splits that are not published again yet. */
  private final Map<Integer, ReopenedSplit> reopened = new HashMap<>();

  /** Published splits that some rows were left out of. */
  private final SortedMap<Integer, PartCounts> waiting = new TreeMap<>();

  /** Rows of these splits run again although they were published once. */
  void reopen(Map<Integer, ReopenedSplit> splits) {
    reopened.putAll(splits);
    for (int split : splits.keySet()) {
      if (published.get(split)) {
        published.clear(split);
        count--;
      }
      waiting.remove(split);
    }
  }

  /** Published splits that rows were left out of, which wait for the answers to equal ones. */
  SortedMap<Integer, PartCounts> waiting() {
    return new TreeMap<>(waiting);
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

  /**
   * A split is published.
   *
   * @param rows that it has
   */
  void add(int split, PartCounts part, int rows) {
    reopened.remove(split);
    if (!published.get(split)) {
      published.set(split);
      count++;
      if (part.counts().settled() < rows) {
        waiting.put(split, part);
      } else {
        counts = counts.plus(part.counts());
      }
    }
  }

  boolean contains(int split) {
    return published.get(split);
  }

  int size() {
    return count;
  }

  /** What is to be added up for the rows that are settled, those of reopened splits among them. */
  List<Counts> parts() {
    List<Counts> parts = new ArrayList<>(List.of(counts));
    reopened.values().forEach(split -> parts.add(split.kept()));
    waiting.values().forEach(part -> parts.add(part.counts()));
    return parts;
  }
}
