package io.batchinfer.journal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which segments of one writer are still needed: those that grow, and those that hold entries of a
 * split that is not published. Not thread-safe.
 */
final class NeededSegments {
  private final Map<String, Set<Integer>> unpublished = new HashMap<>();
  private final Map<Integer, Set<String>> segments = new HashMap<>();
  private final Set<String> closed = new HashSet<>();

  /** A block of the segment holds entries of the split. */
  void wrote(String segment, int split) {
    unpublished.computeIfAbsent(segment, unused -> new HashSet<>()).add(split);
    segments.computeIfAbsent(split, unused -> new HashSet<>()).add(segment);
  }

  /** Nothing is written to the segment any more. */
  void closed(String segment) {
    if (unpublished.containsKey(segment)) {
      closed.add(segment);
    }
  }

  /**
   * The entries of a split are needed no more.
   *
   * @return the segments that nobody needs now, each told once
   */
  List<String> published(int split) {
    Set<String> with = segments.remove(split);
    if (with != null) {
      with.forEach(segment -> unpublished.getOrDefault(segment, Set.of()).remove(split));
    }
    List<String> needless = new ArrayList<>();
    for (String segment : closed) {
      if (unpublished.getOrDefault(segment, Set.of()).isEmpty()) {
        needless.add(segment);
      }
    }
    closed.removeAll(needless);
    unpublished.keySet().removeAll(needless);
    return needless;
  }
}
