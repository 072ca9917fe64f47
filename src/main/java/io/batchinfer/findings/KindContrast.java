package io.batchinfer.findings;

import io.batchinfer.course.KindCounts;
import io.batchinfer.course.RowKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Rows that have something in common with which most of an evil goes, and all others. Immutable.
 *
 * @param words what they have in common, such as {@code with images}
 * @param rows of them
 * @param hit those of them that the evil befell
 * @param otherRows of all others
 * @param otherHit those of the others that it befell
 * @param examples the {@code custom_id} of some of them that failed
 */
record KindContrast(
    String words, long rows, long hit, long otherRows, long otherHit, List<String> examples) {
  /** Of all that the evil befell. */
  static final double LEAST_PART = 0.8;

  /** As often as among the others. */
  static final double LEAST_TIMES = 5;

  /** Of either side, so that there is something to compare. */
  static final long LEAST_ROWS = 20;

  /**
   * The rows that it befell most often for their number; empty where it goes with nothing that is
   * known of rows.
   *
   * @param evil how many rows of a kind it befell
   */
  static Optional<KindContrast> find(
      SortedMap<RowKind, KindCounts> kinds, ToLongFunction<KindCounts> evil) {
    List<KindContrast> found = new ArrayList<>();
    traits(kinds).forEach((words, has) -> found.add(of(words, kinds, has, evil)));
    found.removeIf(one -> !one.isPlain());
    KindContrast most = null;
    for (KindContrast one : found) {
      if (most == null || one.share() > most.share()) {
        most = one;
      } else if (one.rows == most.rows && one.hit == most.hit) {
        // The same rows under another name.
        most =
            new KindContrast(
                most.words + " " + one.words,
                most.rows,
                most.hit,
                most.otherRows,
                most.otherHit,
                most.examples);
      }
    }
    return Optional.ofNullable(most);
  }

  private static Map<String, Predicate<RowKind>> traits(SortedMap<RowKind, KindCounts> kinds) {
    Map<String, Predicate<RowKind>> traits = new LinkedHashMap<>();
    for (RowKind kind : kinds.keySet()) {
      if (!kind.equals(RowKind.OTHERS)) {
        traits.put(
            "of model \"%s\"".formatted(kind.model()), of -> of.model().equals(kind.model()));
      }
    }
    for (RowKind kind : kinds.keySet()) {
      if (!kind.equals(RowKind.OTHERS)) {
        traits.put("to " + kind.path(), of -> of.path().equals(kind.path()));
      }
    }
    traits.put("with images", RowKind::images);
    traits.put("with tools", RowKind::tools);
    traits.put("without images", of -> !of.images());
    traits.put("without tools", of -> !of.tools());
    return traits;
  }

  private static KindContrast of(
      String words,
      SortedMap<RowKind, KindCounts> kinds,
      Predicate<RowKind> has,
      ToLongFunction<KindCounts> evil) {
    long rows = 0;
    long hit = 0;
    long otherRows = 0;
    long otherHit = 0;
    List<String> examples = new ArrayList<>();
    for (Map.Entry<RowKind, KindCounts> kind : kinds.entrySet()) {
      if (has.test(kind.getKey())) {
        rows += kind.getValue().rows();
        hit += evil.applyAsLong(kind.getValue());
        examples.addAll(kind.getValue().examples());
      } else {
        otherRows += kind.getValue().rows();
        otherHit += evil.applyAsLong(kind.getValue());
      }
    }
    return new KindContrast(words, rows, hit, otherRows, otherHit, examples);
  }

  private boolean isPlain() {
    return rows >= LEAST_ROWS
        && otherRows >= LEAST_ROWS
        && hit >= LEAST_PART * (hit + otherHit)
        && share() >= LEAST_TIMES * otherShare();
  }

  /** The part of these rows that it befell. */
  double share() {
    return (double) hit / rows;
  }

  /** The part of the others that it befell. */
  double otherShare() {
    return (double) otherHit / otherRows;
  }

  /** {@code 30 of 40 rows, against 2 of 400 others}. */
  String counts() {
    return String.format(
        Locale.ROOT, "%,d of %,d rows, against %,d of %,d others", hit, rows, otherHit, otherRows);
  }
}
