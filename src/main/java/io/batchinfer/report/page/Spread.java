package io.batchinfer.report.page;

import io.batchinfer.course.TokenHistogram;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.report.page.BarChart.Bar;
import io.batchinfer.report.page.BarChart.Note;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.IntToDoubleFunction;

/**
 * How a figure of rows is spread, from counts in classes.
 *
 * @param counts rows by class
 * @param edge the least value of a class
 * @param words how a value is said
 */
record Spread(long[] counts, IntToDoubleFunction edge, DoubleFunction<String> words) {
  private static final int MOST_EDGES = 9;
  private static final double[] NOTED = {0.5, 0.95, 0.99};

  static Spread of(LatencyHistogram histogram) {
    return new Spread(
        histogram.counts(), index -> index == 0 ? 0 : Math.pow(2, index / 2.0), Words::millis);
  }

  static Spread of(TokenHistogram histogram) {
    return new Spread(
        histogram.counts(), TokenHistogram::leastOf, tokens -> Words.tokens(Math.round(tokens)));
  }

  long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /** The value below which that share of the rows stayed, as near as the classes tell. */
  double quantile(double share) {
    double place = place(share);
    int index = (int) Math.min(counts.length - 1.0, Math.floor(place));
    double low = edge.applyAsDouble(index);
    return low + (place - index) * (edge.applyAsDouble(index + 1) - low);
  }

  /** Where that value is, in classes from the first. */
  private double place(double share) {
    double wanted = share * total();
    double seen = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && seen + counts[i] >= wanted) {
        return i + (wanted - seen) / counts[i];
      }
      seen += counts[i];
    }
    return counts.length;
  }

  /**
   * The figure; empty where there are no rows.
   *
   * @param subject what is spread, to begin the sentence with: "Half of the rows took less than"
   */
  Optional<Html> figure(String id, String title, String subject) {
    if (total() == 0) {
      return Optional.empty();
    }
    int first = 0;
    while (counts[first] == 0) {
      first++;
    }
    int end = counts.length;
    while (counts[end - 1] == 0) {
      end--;
    }
    String says =
        "%s %s, 95 %% less than %s, 99 %% less than %s."
            .formatted(
                subject,
                words.apply(quantile(0.5)),
                words.apply(quantile(0.95)),
                words.apply(quantile(0.99)));
    Figure figure = new Figure(id, title, says, List.of(), table(title, first, end));
    return Optional.of(figure.html(chart(first, end).draw(figure.titleId(), figure.sentenceId())));
  }

  private BarChart chart(int first, int end) {
    List<Bar> bars = new ArrayList<>();
    List<String> edges = new ArrayList<>();
    // Half octaves: every second edge is a power of two.
    int every = Math.max(2, (int) Math.ceil((end - first) / (double) MOST_EDGES / 2) * 2);
    int whole = isPowerOfTwo(edge.applyAsDouble(first)) ? first : first + 1;
    for (int i = first; i <= end; i++) {
      if (i < end) {
        bars.add(new Bar(counts[i], range(i) + ": " + Words.count(counts[i])));
      }
      edges.add((i - whole) % every == 0 ? words.apply(edge.applyAsDouble(i)) : "");
    }
    List<Note> notes = new ArrayList<>();
    for (double noted : NOTED) {
      notes.add(new Note(noted == 0.5 ? "half" : Words.share(noted), place(noted) - first));
    }
    return new BarChart(bars, edges, notes);
  }

  private static boolean isPowerOfTwo(double value) {
    double octave = Math.log(value) / Math.log(2);
    return Math.abs(octave - Math.rint(octave)) < 1e-6;
  }

  private Table table(String title, int first, int end) {
    Table table =
        new Table(
            title + ", as a table",
            List.of(
                Column.words("From"),
                Column.words("To below"),
                Column.number("Rows"),
                Column.number("Share")));
    for (int i = first; i < end; i++) {
      table.row(
          List.of(
              words.apply(edge.applyAsDouble(i)),
              words.apply(edge.applyAsDouble(i + 1)),
              Words.count(counts[i]),
              Words.share((double) counts[i] / total())));
    }
    return table;
  }

  private String range(int index) {
    return "%s to %s"
        .formatted(
            words.apply(edge.applyAsDouble(index)), words.apply(edge.applyAsDouble(index + 1)));
  }
}
