package io.batchinfer.engine.lead;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Splits whose workers died, and rows that are to blame. A split is suspected after two crashes, or
 * four ends that nobody explains, of processes that held it. Then it runs alone, and a row is to
 * blame after one more crash, or two more unexplained ends, while it was the only one under way.
 * Not thread-safe.
 */
final class Suspects {
  private static final int SUSPECTED = 4;
  private static final int TO_BLAME = 2;

  private final Map<Integer, Integer> deaths = new HashMap<>();
  private final Map<Integer, Map<Integer, Integer>> deathsOfRows = new HashMap<>();
  private final Map<Integer, Integer> trying = new HashMap<>();

  /** Notes the one row of a lonely split that is under way from now on. */
  void trying(int split, int line) {
    trying.put(split, line);
  }

  /** A process that held these splits is gone. */
  void died(Collection<Integer> splits, Death death) {
    for (int split : splits) {
      Integer line = trying.remove(split);
      if (line == null) {
        deaths.merge(split, death.weight(), Integer::sum);
      } else {
        deathsOfRows
            .computeIfAbsent(split, unused -> new TreeMap<>())
            .merge(line, death.weight(), Integer::sum);
      }
    }
  }

  /** Whether the split is to run one row at a time in a process that does nothing else. */
  boolean runsAlone(int split) {
    return deaths.getOrDefault(split, 0) >= SUSPECTED;
  }

  /** Lines of the split, from 0, that are not to be sent any more. */
  List<Integer> blamed(int split) {
    return deathsOfRows.getOrDefault(split, Map.of()).entrySet().stream()
        .filter(row -> row.getValue() >= TO_BLAME)
        .map(Map.Entry::getKey)
        .toList();
  }
}
