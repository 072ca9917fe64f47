package io.batchinfer.report.page;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Columns side by side as SVG, each for a class of values, with lines at values of note. Like the
 * charts over time, it is as wide as its place.
 *
 * @param bars one for each class, from the smallest values to the largest
 * @param edges what stands at the left edge of each bar, and last at the right edge of the last; or
 *     where there are as many as bars, below the middle of each; empty where nothing does
 * @param notes values of note
 */
record BarChart(List<Bar> bars, List<String> edges, List<Note> notes) {
  private static final int MARKS = 3;
  private static final int HEIGHT = 132;
  private static final int ABOVE = 20;

  /** Percent of a bar's place that is left free. */
  private static final double GAP = 0.12;

  /** Room for a note's words, as a share of the width. */
  private static final double NOTE_ROOM = 0.12;

  BarChart {
    bars = List.copyOf(bars);
    edges = List.copyOf(edges);
    notes = List.copyOf(notes);
  }

  /**
   * A column.
   *
   * @param says what is shown where it is pointed at
   */
  record Bar(long count, String says) {}

  /**
   * A value of note.
   *
   * @param place where it is, in bars from the left edge
   */
  record Note(String words, double place) {}

  /** The drawing; the arguments are those of {@link TimeChart#draw}. */
  Html draw(String title, String sentence) {
    Axis axis = Axis.upTo(bars.stream().mapToDouble(Bar::count).max().orElse(0), MARKS);
    Html svg = Plot.open(title, sentence, ABOVE + HEIGHT);
    svg.add(Plot.scale(axis, ABOVE, HEIGHT, Words::brief));
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      if (bar.count() > 0) {
        // Even one row among a million is seen.
        double height = Math.max(1.5, HEIGHT * axis.share((double) bar.count()));
        svg.open(
            "rect",
            "class",
            "bar",
            "x",
            Words.percent((i + GAP / 2) / bars.size()),
            "width",
            Words.percent((1 - GAP) / bars.size()),
            "y",
            Words.at(ABOVE + HEIGHT - height),
            "height",
            Words.at(height));
        svg.element("title", bar.says()).close("rect");
      }
    }
    for (int i = 0; i < edges.size(); i++) {
      if (!edges.get(i).isEmpty()) {
        svg.element(
            "text",
            edges.get(i),
            "class",
            isOdd(i) ? "tick odd" : "tick",
            "x",
            Words.percent((i + (edges.size() > bars.size() ? 0 : 0.5)) / bars.size()),
            "y",
            Integer.toString(ABOVE + HEIGHT + 20),
            "text-anchor",
            "middle");
      }
    }
    return svg.add(drawnNotes()).close("svg");
  }

  /** Whether it is the second, fourth and so on of the edges with words. */
  private boolean isOdd(int index) {
    return edges.subList(0, index).stream().filter(edge -> !edge.isEmpty()).count() % 2 == 1;
  }

  /**
   * The words of the first note stand before its line, those of the last behind it, and those of
   * others over theirs, so that they do not lie over each other where lines are close; where they
   * would, a line has none.
   */
  private Html drawnNotes() {
    Html svg = new Html();
    double free = 0;
    for (int i = 0; i < notes.size(); i++) {
      double place = notes.get(i).place() / bars.size();
      String x = Words.percent(place);
      svg.shape(
          "line",
          "class",
          "note",
          "x1",
          x,
          "x2",
          x,
          "y1",
          "14",
          "y2",
          Integer.toString(ABOVE + HEIGHT));
      boolean between = i > 0 && i < notes.size() - 1;
      double half = between ? NOTE_ROOM / 2 : 0;
      if (!between
          || (place - half >= free && place + half <= notes.get(i + 1).place() / bars.size())) {
        svg.element(
            "text",
            notes.get(i).words(),
            "class",
            "note-words",
            "x",
            x,
            "y",
            "10",
            "text-anchor",
            between ? "middle" : i == 0 ? "end" : "start");
        free = place + half;
      }
    }
    return svg;
  }

  /** Edges for bars that stand for the numbers from 0, each named below its middle. */
  static List<String> numbered(int bars) {
    return IntStream.range(0, bars).mapToObj(Integer::toString).toList();
  }
}
