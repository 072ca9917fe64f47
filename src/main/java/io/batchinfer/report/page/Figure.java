package io.batchinfer.report.page;

import java.util.ArrayList;
import java.util.List;

/**
 * A chart with what makes it readable: its title, a sentence with its figures, the meaning of its
 * colours, and its data as a table.
 *
 * @param id its own on the page
 * @param legend names and styles of what is drawn; empty where there is one thing only
 */
record Figure(String id, String title, String sentence, List<Key> legend, Table data) {
  /** How the table is called where it is opened. */
  private static final String AS_A_TABLE = "As a table";

  Figure {
    legend = List.copyOf(legend);
  }

  /**
   * One entry of a legend.
   *
   * @param style class of its colour
   * @param form {@code line}, {@code dash} or {@code block}
   */
  record Key(String name, String style, String form) {}

  static List<Key> legend(List<Series> series, TimeChart chart) {
    List<Key> keys = new ArrayList<>();
    for (Series one : series) {
      boolean limit = one.kind() == Series.Kind.LIMIT;
      keys.add(
          new Key(
              chart.isOutside(one) ? one.name() + " (above this chart)" : one.name(),
              one.style(),
              limit ? "dash" : "line"));
    }
    return keys;
  }

  String titleId() {
    return id + "-title";
  }

  String sentenceId() {
    return id + "-says";
  }

  /** The figure with its drawing. */
  Html html(Html drawing) {
    Html html = new Html();
    html.open("figure", "class", "card", "id", id, "aria-labelledby", titleId());
    html.open("figcaption");
    html.element("h3", title, "id", titleId());
    html.element("p", sentence, "id", sentenceId(), "class", "says");
    html.close("figcaption");
    if (!legend.isEmpty()) {
      html.open("ul", "class", "legend", "aria-hidden", "true");
      for (Key key : legend) {
        html.open("li").open("svg", "class", "key", "width", "18", "height", "10");
        if (key.form().equals("block")) {
          html.shape(
              "rect", "class", key.style(), "width", "12", "height", "10", "rx", "2", "x", "3");
        } else {
          html.shape(
              "path",
              "class",
              (key.form().equals("dash") ? "limit " : "line ") + key.style(),
              "d",
              "M1 5H17");
        }
        html.close("svg").text(key.name()).close("li");
      }
      html.close("ul");
    }
    html.open("div", "class", "drawing").add(drawing).close("div");
    html.add(data.folded(AS_A_TABLE));
    return html.close("figure");
  }
}
