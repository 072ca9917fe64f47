package io.batchinfer.report.page;

import java.util.ArrayList;
import java.util.List;

/** Bars one below the other over one time, drawn where they began and ended. For one thread. */
final class TimeLine {
  private static final int ROW = 22;
  private static final int TIME_MARKS = 6;

  /** What took a second of days is seen as well. */
  private static final double NARROWEST = 0.004;

  private final List<Bar> bars = new ArrayList<>();

  /**
   * What took some time.
   *
   * @param label on its left
   * @param from UNIX milliseconds
   * @param to UNIX milliseconds
   * @param tone class of its colour
   * @param title what is said of it where it is pointed at
   */
  record Bar(String label, long from, long to, String tone, String title) {}

  void add(Bar bar) {
    bars.add(bar);
  }

  /** The drawing; the time begins with the earliest bar. */
  Html draw(Figure figure) {
    long begin = bars.stream().mapToLong(Bar::from).min().orElse(0);
    double length = Math.max(1, bars.stream().mapToLong(Bar::to).max().orElse(0) - begin);
    int height = bars.size() * ROW;
    Html svg = Plot.open(figure.titleId(), figure.sentenceId(), height);
    List<Double> marks = Axis.ofTime(length, TIME_MARKS).marks();
    for (int i = 0; i < marks.size(); i++) {
      mark(svg, marks.get(i), length, height, i % 2 == 0 ? "tick" : "tick odd");
    }
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      double from = (bar.from() - begin) / length;
      double width = Math.max(NARROWEST, Math.max(0, bar.to() - bar.from()) / length);
      bar(svg, bar, i * ROW, Math.min(from, 1 - NARROWEST), width);
    }
    return svg.close("svg");
  }

  private static void mark(Html svg, double at, double length, int height, String style) {
    String x = Words.percent(at / length);
    svg.shape("line", "class", "grid", "x1", x, "x2", x, "y1", "0", "y2", Integer.toString(height));
    svg.element(
        "text",
        at == 0 ? "0" : Words.millis(at),
        "class",
        style,
        "x",
        x,
        "y",
        Integer.toString(height + 20),
        "text-anchor",
        "middle");
  }

  private static void bar(Html svg, Bar bar, int top, double from, double width) {
    svg.element(
        "text",
        bar.label(),
        "class",
        "tick",
        "x",
        "-8",
        "y",
        Integer.toString(top + 15),
        "text-anchor",
        "end");
    svg.open(
        "rect",
        "class",
        bar.tone(),
        "x",
        Words.percent(from),
        "width",
        Words.percent(width),
        "y",
        Integer.toString(top + 4),
        "height",
        Integer.toString(ROW - 8),
        "rx",
        "3");
    svg.element("title", bar.title());
    svg.close("rect");
  }
}
