package io.batchinfer.engine.run;

import java.util.ArrayList;
import java.util.List;

/** Splits as tasks take them: one alone is hardly worth a task. */
final class SplitGroups {
  private static final int SPLITS_PER_TASK = 8;

  private SplitGroups() {}

  /** Groups of the splits, in their order. */
  static List<int[]> of(List<Integer> splits) {
    List<int[]> groups = new ArrayList<>();
    for (int start = 0; start < splits.size(); start += SPLITS_PER_TASK) {
      int end = Math.min(splits.size(), start + SPLITS_PER_TASK);
      groups.add(splits.subList(start, end).stream().mapToInt(Integer::intValue).toArray());
    }
    return groups;
  }

  /** How many tasks so many splits are worth. */
  static int tasks(int splits) {
    return Math.max(1, (splits + SPLITS_PER_TASK - 1) / SPLITS_PER_TASK);
  }
}
