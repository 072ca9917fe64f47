package io.batchinfer.course;

import io.batchinfer.course.RowSketch.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/** Maps by name that keep within {@link RowSketch#MOST_NAMES}. */
final class Bounded {
  private Bounded() {}

  /** Both maps in one; names that have no room are counted under {@link RowSketch#OTHERS}. */
  static <T> SortedMap<String, T> merge(
      SortedMap<String, T> one, SortedMap<String, T> other, BinaryOperator<T> sum) {
    return merge(one, other, RowSketch.OTHERS, sum);
  }

  /** The same of other names. */
  static <N, T> SortedMap<N, T> merge(
      SortedMap<N, T> one, SortedMap<N, T> other, N others, BinaryOperator<T> sum) {
    SortedMap<N, T> merged = new TreeMap<>(one);
    other.forEach(
        (name, value) ->
            merged.merge(
                merged.containsKey(name) || merged.size() < RowSketch.MOST_NAMES ? name : others,
                value,
                sum));
    return merged;
  }

  /** The first examples of each code. */
  static SortedMap<String, List<Example>> examples(
      SortedMap<String, List<Example>> one, SortedMap<String, List<Example>> other) {
    SortedMap<String, List<Example>> merged = new TreeMap<>(one);
    other.forEach(
        (code, examples) -> {
          if (merged.containsKey(code) || merged.size() < RowSketch.MOST_NAMES) {
            List<Example> all = new ArrayList<>(merged.getOrDefault(code, List.of()));
            all.addAll(examples);
            merged.put(code, all.stream().limit(RowSketch.MOST_EXAMPLES).toList());
          }
        });
    return merged;
  }
}
