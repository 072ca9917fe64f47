package io.batchinfer.report.page;

import java.util.Arrays;
import java.util.function.DoubleFunction;

/** What the drawings of figures have in common: how they begin, and the axis at their left. */
final class Plot {
  /** Room below what is drawn, for the words at an axis. */
  private static final int BELOW = 24;

  private Plot() {}

  /**
   * Begins a drawing, an {@code svg} that its writer closes.
   *
   * @param title id of the element that names it
   * @param sentence id of the element that says what it shows
   * @param height of what is drawn, in pixels, without the words below it
   * @param more names and values of other attributes in turn
   */
  static Html open(String title, String sentence, int height, String... more) {
    String[] own = {
      "class",
      "plot",
      "role",
      "img",
      "aria-labelledby",
      title,
      "aria-describedby",
      sentence,
      "height",
      Integer.toString(height + BELOW)
    };
    String[] all = Arrays.copyOf(own, own.length + more.length);
    System.arraycopy(more, 0, all, own.length, more.length);
    return new Html().open("svg", all);
  }

  /**
   * Lines at the marks of the axis, with their values at the left.
   *
   * @param above pixels from the top of the drawing to the end of the axis
   * @param height pixels of the axis
   * @param words how values are written
   */
  static Html scale(Axis axis, int above, int height, DoubleFunction<String> words) {
    Html svg = new Html();
    for (double mark : axis.marks()) {
      double place = above + height * (1 - axis.share(mark));
      String y = Words.at(place);
      svg.shape(
          "line", "class", mark == 0 ? "base" : "grid", "x1", "0", "x2", "100%", "y1", y, "y2", y);
      svg.element(
          "text",
          words.apply(mark),
          "class",
          "tick",
          "x",
          "-8",
          "y",
          Words.at(place + 4),
          "text-anchor",
          "end");
    }
    return svg;
  }
}
