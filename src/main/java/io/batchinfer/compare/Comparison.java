package io.batchinfer.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Two outputs beside each other.
 *
 * @param examples the first rows of each kind that differ, in the order of the kinds
 */
public record Comparison(Side first, Side second, ComparisonTotals totals, List<Example> examples) {
  /** Settings that are different wherever a job runs, or say nothing of what is asked. */
  private static final Set<String> OF_THE_PLACE =
      Set.of("output", "config", "summary-file", "json", "verbose", "submission", "take-over");

  public Comparison {
    examples = List.copyOf(examples);
  }

  /**
   * One of the outputs.
   *
   * @param unnamed rows without a custom_id of their own, which were not compared
   */
  public record Side(ComparedOutput output, long unnamed) {}

  /**
   * A row as an example.
   *
   * @param first how it ended in the first output; empty where that has none
   * @param second how it ended in the second output; empty where that has none
   */
  public record Example(
      Verdict verdict, String customId, Optional<Ending> first, Optional<Ending> second) {}

  /**
   * How a row ended.
   *
   * @param word {@code succeeded}, or the error code
   * @param text of the answer or of the error, shortened
   */
  public record Ending(String word, String text) {}

  /** A setting in which the two jobs differ; empty where a job has none. */
  public record Setting(String name, String first, String second) {}

  /** Whether the outputs differ. Rows that an unfinished output does not have yet do not count. */
  public boolean isDifferent() {
    for (Verdict verdict : Verdict.values()) {
      boolean open =
          (verdict == Verdict.ONLY_FIRST && !second.output().isWhole())
              || (verdict == Verdict.ONLY_SECOND && !first.output().isWhole());
      if (verdict.isDifference() && !open && totals.rows(verdict) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Rows of that kind. */
  public long rows(Verdict verdict) {
    return totals.rows(verdict);
  }

  /** In what the jobs differ, by name. */
  List<Setting> settings() {
    Map<String, String> one = first.output().job().definition().settings();
    Map<String, String> other = second.output().job().definition().settings();
    Set<String> names = new TreeSet<>(one.keySet());
    names.addAll(other.keySet());
    names.removeAll(OF_THE_PLACE);
    List<Setting> different = new ArrayList<>();
    for (String name : names) {
      String left = one.getOrDefault(name, "");
      String right = other.getOrDefault(name, "");
      if (!left.equals(right)) {
        different.add(new Setting(name, left, right));
      }
    }
    return different;
  }
}
