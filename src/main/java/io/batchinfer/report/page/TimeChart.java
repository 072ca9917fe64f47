package io.batchinfer.report.page;

import io.batchinfer.report.page.Series.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/**
 * Lines over time as SVG. Its plot is as wide as its place, and its letters are as large
 * everywhere: positions from left to right are shares, those from top to bottom are pixels.
 */
final class TimeChart {
  static final int HEIGHT = 168;

  /** Width of the drawing that is stretched to the place. */
  private static final int WIDTH = 1000;

  private static final int MARKS = 4;
  private static final int TIME_MARKS = 8;

  /** A limit that is higher by this factor than all else would flatten the rest. */
  private static final double FAR = 2.5;

  private final TimeFrame frame;
  private final List<Series> series;
  private final DoubleFunction<String> words;
  private final Axis axis;

  /**
   * @param words how the values are written at the axis
   */
  TimeChart(TimeFrame frame, List<Series> series, DoubleFunction<String> words) {
    this.frame = frame;
    this.series = List.copyOf(series);
    this.words = words;
    double most = max(series.stream().filter(one -> one.kind() != Kind.LIMIT).toList());
    double limits =
        series.stream()
            .filter(one -> one.kind() == Kind.LIMIT)
            .mapToDouble(Series::max)
            .filter(limit -> most == 0 || limit <= FAR * most)
            .max()
            .orElse(0);
    this.axis = Axis.upTo(Math.max(most, limits), MARKS);
  }

  private static double max(List<Series> series) {
    return series.stream().mapToDouble(Series::max).max().orElse(0);
  }

  /** Whether a limit is too far above the other lines to be drawn. */
  boolean isOutside(Series one) {
    return one.kind() == Kind.LIMIT && one.max() > axis.end();
  }

  /**
   * The drawing.
   *
   * @param title id of the element that names it
   * @param sentence id of the element that says what it shows
   */
  Html draw(String title, String sentence) {
    Html svg = Plot.open(title, sentence, HEIGHT, "data-at", moments());
    svg.add(Plot.scale(axis, 0, HEIGHT, words));
    svg.add(timeMarks(frame, HEIGHT));
    svg.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "preserveAspectRatio",
        "none",
        "width",
        "100%",
        "height",
        Integer.toString(HEIGHT));
    series.stream().filter(one -> one.kind() == Kind.AREA).forEach(one -> svg.add(area(one)));
    series.stream().filter(one -> !isOutside(one)).forEach(one -> svg.add(line(one)));
    return svg.close("svg").close("svg");
  }

  private String moments() {
    return Arrays.stream(frame.at())
        .mapToObj(at -> Words.at(frame.share(at) * WIDTH))
        .collect(Collectors.joining(" "));
  }

  /**
   * The marks below a chart over time, and lines where later runs begin.
   *
   * @param height of the chart above them
   */
  static Html timeMarks(TimeFrame frame, int height) {
    Html svg = new Html();
    List<Double> marks = Axis.ofTime(frame.length(), TIME_MARKS).marks();
    for (int i = 0; i < marks.size(); i++) {
      svg.element(
          "text",
          marks.get(i) == 0 ? "0" : Words.millis(marks.get(i)),
          "class",
          i % 2 == 0 ? "tick" : "tick odd",
          "x",
          Words.percent(frame.share(marks.get(i))),
          "y",
          Integer.toString(height + 20),
          "text-anchor",
          "middle");
    }
    for (double cut : frame.cuts()) {
      String x = Words.percent(frame.share(cut));
      svg.shape(
          "line", "class", "cut", "x1", x, "x2", x, "y1", "0", "y2", Integer.toString(height));
    }
    return svg;
  }

  private double x(int index) {
    return frame.share(frame.at()[index]) * WIDTH;
  }

  private double y(double value) {
    return HEIGHT * (1 - axis.share(value));
  }

  private Html line(Series one) {
    return new Html()
        .shape(
            "path",
            "class",
            (one.kind() == Kind.LIMIT ? "limit " : "line ") + one.style(),
            "d",
            path(one));
  }

  private String path(Series one) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int i = 0; i < one.values().length; i++) {
      double value = one.values()[i];
      if (Double.isNaN(value)) {
        drawing = false;
        continue;
      }
      String y = Words.at(y(value));
      if (!drawing) {
        // A single moment is seen as well, as the round end of a line without length.
        path.append('M').append(Words.at(x(i))).append(' ').append(y).append("h0");
      } else if (one.kind() == Kind.LIMIT) {
        path.append('H').append(Words.at(x(i))).append('V').append(y);
      } else {
        path.append('L').append(Words.at(x(i))).append(' ').append(y);
      }
      drawing = true;
    }
    return path.toString();
  }

  private Html area(Series one) {
    StringBuilder path = new StringBuilder();
    int begun = -1;
    for (int i = 0; i <= one.values().length; i++) {
      boolean known = i < one.values().length && !Double.isNaN(one.values()[i]);
      if (known) {
        if (begun < 0) {
          begun = i;
          path.append('M').append(Words.at(x(i))).append(' ').append(HEIGHT);
        }
        path.append('L').append(Words.at(x(i))).append(' ').append(Words.at(y(one.values()[i])));
      } else if (begun >= 0) {
        path.append('V').append(HEIGHT).append('Z');
        begun = -1;
      }
    }
    return new Html().shape("path", "class", "area " + one.style(), "d", path.toString());
  }
}
