package io.batchinfer.report.page;

import java.util.List;

/** What the sections of the page have in common. */
final class Parts {
  private Parts() {}

  /** A section with its title; nothing where it holds nothing. */
  static Html section(String id, String title, Html content) {
    if (content.isEmpty()) {
      return content;
    }
    return new Html()
        .open("section", "id", id, "aria-labelledby", id + "-heading")
        .element("h2", title, "id", id + "-heading")
        .add(content)
        .close("section");
  }

  /** Charts and tables, as many side by side as there is room for. */
  static Html grid(List<Html> parts) {
    Html html = new Html();
    if (!parts.isEmpty()) {
      html.open("div", "class", parts.size() == 1 ? "grid one" : "grid");
      parts.forEach(html::add);
      html.close("div");
    }
    return html;
  }

  /** A table that is shown at once, with a title and a sentence. */
  static Html card(String title, String says, Html content) {
    return card("card", title, says, content);
  }

  /** The same for a table with many columns. */
  static Html wideCard(String title, String says, Html content) {
    return card("card wide", title, says, content);
  }

  private static Html card(String style, String title, String says, Html content) {
    return new Html()
        .open("div", "class", style)
        .element("h3", title)
        .element("p", says, "class", "says")
        .add(content)
        .close("div");
  }

  /**
   * A bar in a cell or beside a name.
   *
   * @param share how long it is, from 0 to 1
   */
  static Html bar(double share, String style) {
    return new Html()
        .open("svg", "class", "meter", "height", "8", "aria-hidden", "true")
        .shape("rect", "class", "ground", "width", "100%", "height", "8", "rx", "4")
        .shape(
            "rect",
            "class",
            style,
            "width",
            Words.percent(Math.min(1, Math.max(share > 0 ? 0.005 : 0, share))),
            "height",
            "8",
            "rx",
            "4")
        .close("svg");
  }

  /** A figure with its name. */
  static Html figure(String name, String value, String more) {
    Html html = new Html().open("div").element("dt", name).open("dd").element("b", value);
    if (!more.isEmpty()) {
      html.text(" ").element("small", more);
    }
    return html.close("dd").close("div");
  }
}
