package io.batchinfer.report.page;

/**
 * A piece of HTML or SVG that is written from front to back. Every text and every value of an
 * attribute is escaped here, so that nothing a row or an endpoint says becomes markup. For one
 * thread.
 */
final class Html {
  private final StringBuilder text = new StringBuilder();

  /**
   * Begins an element.
   *
   * @param attributes names and values in turn
   */
  Html open(String tag, String... attributes) {
    text.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      text.append('"');
    }
    text.append('>');
    return this;
  }

  Html close(String tag) {
    text.append("</").append(tag).append('>');
    return this;
  }

  /** A whole element that holds a text. */
  Html element(String tag, String content, String... attributes) {
    return open(tag, attributes).text(content).close(tag);
  }

  /** A whole element of SVG that holds nothing. */
  Html shape(String tag, String... attributes) {
    return open(tag, attributes).close(tag);
  }

  Html text(String content) {
    escape(content);
    return this;
  }

  /**
   * A text that somebody else chose, such as a {@code custom_id}. Letters that are written from
   * right to left do not reorder what stands around it.
   */
  Html foreign(String content) {
    return element("bdi", content);
  }

  /** A foreign text, shown as code. */
  Html code(String content) {
    return open("code").foreign(content).close("code");
  }

  Html add(Html other) {
    text.append(other.text);
    return this;
  }

  /** Adds what is markup already: the page's own style sheet and script. */
  Html markup(String own) {
    text.append(own);
    return this;
  }

  boolean isEmpty() {
    return text.isEmpty();
  }

  private void escape(String content) {
    content
        .codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.appendCodePoint(isShown(point) ? point : 0xfffd);
              }
            });
  }

  /** Half of a pair, and characters that documents must not hold, are shown as U+FFFD. */
  private static boolean isShown(int point) {
    boolean control = Character.isISOControl(point) && point != '\n' && point != '\t';
    boolean half = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    boolean none = (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
    return !control && !half && !none;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
