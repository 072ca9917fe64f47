package io.batchinfer.compare;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Saturating;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What rows that were compared add up to, with the first of each kind. Not thread-safe. */
final class ComparisonTotals {
  /** Endpoints may fail rows for as many reasons as they like. */
  private static final int MOST_CHANGES = 1_000;

  private static final Change OTHERS = new Change("others", "others");

  private final int wantedExamples;
  private final Map<Verdict, Long> rows = new EnumMap<>(Verdict.class);
  private final Map<Verdict, PriorityQueue<Pair>> examples = new EnumMap<>(Verdict.class);
  private final Map<Change, Long> changes = new TreeMap<>();
  private final Sum first = new Sum();
  private final Sum second = new Sum();

  ComparisonTotals(int wantedExamples) {
    this.wantedExamples = wantedExamples;
  }

  /** A row of the one output and that of the other; one of them may be absent. */
  record Pair(@Nullable ComparedRow first, @Nullable ComparedRow second) {
    /** By where it stands in the first output, and then in the second. */
    static final Comparator<Pair> IN_ORDER =
        Comparator.comparing(
            pair -> {
              ComparedRow row = pair.first() == null ? pair.second() : pair.first();
              return java.util.Objects.requireNonNull(row, "a pair has a row").place();
            });
  }

  /** How a row ended in the one output and in the other: {@code succeeded}, or an error code. */
  record Change(String from, String to) implements Comparable<Change> {
    @Override
    public int compareTo(Change other) {
      int byFrom = from.compareTo(other.from);
      return byFrom != 0 ? byFrom : to.compareTo(other.to);
    }
  }

  /** What rows that both outputs have took in one of them. */
  static final class Sum {
    private final AnswerLengths completions = new AnswerLengths();
    private long promptTokens;
    private long completionTokens;
    private Cost cost = Cost.NONE;

    private void add(ComparedRow row) {
      promptTokens = Saturating.sum(promptTokens, row.spending().promptTokens());
      completionTokens = Saturating.sum(completionTokens, row.spending().completionTokens());
      cost = cost.plus(row.spending().cost());
      if (row.isAnswered()) {
        completions.add(row.spending().completionTokens());
      }
    }

    private void add(Sum other) {
      promptTokens = Saturating.sum(promptTokens, other.promptTokens);
      completionTokens = Saturating.sum(completionTokens, other.completionTokens);
      cost = cost.plus(other.cost);
      completions.add(other.completions);
    }

    long promptTokens() {
      return promptTokens;
    }

    long completionTokens() {
      return completionTokens;
    }

    Cost cost() {
      return cost;
    }

    /** Completion tokens of the answers. */
    AnswerLengths completions() {
      return completions;
    }
  }

  void addBoth(ComparedRow one, ComparedRow other) {
    first.add(one);
    second.add(other);
    Verdict verdict = Verdict.of(one, other);
    if (verdict == Verdict.ENDED_OTHERWISE) {
      addChange(new Change(one.ending(), other.ending()), 1);
    }
    add(verdict, new Pair(one, other));
  }

  void addOnlyFirst(ComparedRow row) {
    add(Verdict.ONLY_FIRST, new Pair(row, null));
  }

  void addOnlySecond(ComparedRow row) {
    add(Verdict.ONLY_SECOND, new Pair(null, row));
  }

  private void add(Verdict verdict, Pair pair) {
    rows.merge(verdict, 1L, Long::sum);
    if (verdict != Verdict.SAME) {
      keep(verdict, pair);
    }
  }

  private void keep(Verdict verdict, Pair pair) {
    PriorityQueue<Pair> kept =
        examples.computeIfAbsent(verdict, unused -> new PriorityQueue<>(Pair.IN_ORDER.reversed()));
    kept.add(pair);
    if (kept.size() > wantedExamples) {
      kept.remove();
    }
  }

  private void addChange(Change change, long times) {
    boolean known = changes.containsKey(change) || changes.size() < MOST_CHANGES;
    changes.merge(known ? change : OTHERS, times, Long::sum);
  }

  /** Adds what was found in other rows. */
  void add(ComparisonTotals other) {
    other.rows.forEach((verdict, count) -> rows.merge(verdict, count, Long::sum));
    other.examples.forEach((verdict, pairs) -> pairs.forEach(pair -> keep(verdict, pair)));
    other.changes.forEach(this::addChange);
    first.add(other.first);
    second.add(other.second);
  }

  long rows(Verdict verdict) {
    return rows.getOrDefault(verdict, 0L);
  }

  /** Rows that both outputs have. */
  long both() {
    return rows.values().stream().mapToLong(Long::longValue).sum()
        - rows(Verdict.ONLY_FIRST)
        - rows(Verdict.ONLY_SECOND);
  }

  /** The first pairs of that verdict, in the order of the first output. */
  List<Pair> examples(Verdict verdict) {
    PriorityQueue<Pair> kept = examples.get(verdict);
    return kept == null ? List.of() : kept.stream().sorted(Pair.IN_ORDER).toList();
  }

  /** How often rows ended otherwise, by how. */
  Map<Change, Long> changes() {
    return changes;
  }

  Sum first() {
    return first;
  }

  Sum second() {
    return second;
  }
}
