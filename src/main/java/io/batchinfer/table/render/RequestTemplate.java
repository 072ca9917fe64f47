package io.batchinfer.table.render;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text in which {@code {column}} stands for a row's value, {@code {column?text}} for the text
 * where that is null, and two braces for one. A name is {@code a.b} for the field of a struct, and
 * stands in back quotes where it holds a dot, a question mark, a brace or a space at its ends.
 *
 * @param parts in their order
 */
record RequestTemplate(List<Part> parts) {

  /** A piece of the text. */
  sealed interface Part {}

  /** Text that is the same in every row. */
  record Literal(String text) implements Part {}

  /**
   * A row's value.
   *
   * @param missing what stands for a null; null where a null leaves the row without a request
   */
  record Reference(ColumnName name, @Nullable String missing) implements Part {}

  RequestTemplate {
    parts = List.copyOf(parts);
  }

  /**
   * @param flag names the template in messages
   * @throws BatchException {@link ErrorCode#USAGE} if a brace has no other
   */
  static RequestTemplate parse(String flag, String text) {
    return new RequestTemplate(new Parser(flag, text).parts());
  }

  List<Reference> references() {
    return parts.stream().filter(Reference.class::isInstance).map(Reference.class::cast).toList();
  }

  private static final class Parser {
    private final String flag;
    private final String text;
    private final List<Part> parts = new ArrayList<>();
    private final StringBuilder literal = new StringBuilder();
    private int at;

    Parser(String flag, String text) {
      this.flag = flag;
      this.text = text;
    }

    List<Part> parts() {
      while (at < text.length()) {
        char c = text.charAt(at);
        boolean doubled = at + 1 < text.length() && text.charAt(at + 1) == c;
        if ((c == '{' || c == '}') && doubled) {
          literal.append(c);
          at += 2;
        } else if (c == '{') {
          endLiteral();
          parts.add(reference());
        } else if (c == '}') {
          throw problem(at, "has a } without a { before it", "Write }} for a brace of the text.");
        } else {
          literal.append(c);
          at++;
        }
      }
      endLiteral();
      return parts;
    }

    private void endLiteral() {
      if (!literal.isEmpty()) {
        parts.add(new Literal(literal.toString()));
        literal.setLength(0);
      }
    }

    private Reference reference() {
      int start = at;
      int end = ColumnName.end(text, start + 1, "?{}");
      char stop = end < text.length() ? text.charAt(end) : ' ';
      String missing = null;
      int close = end;
      if (stop == '?') {
        close = end + 1;
        while (close < text.length() && text.charAt(close) != '}' && text.charAt(close) != '{') {
          close++;
        }
        missing = text.substring(end + 1, close);
      }
      if (close >= text.length() || text.charAt(close) != '}') {
        throw problem(
            start,
            "has a { without its }",
            "Write {{ for a brace of the text, as in JSON, and {column} for a column.");
      }
      String name = text.substring(start + 1, end).strip();
      if (name.isEmpty()) {
        throw problem(
            start,
            "has no column between { and }",
            "Write {{ and }} for braces of the text, and {column} for a column.");
      }
      at = close + 1;
      return new Reference(
          ColumnName.parse(name)
              .orElseThrow(
                  () ->
                      problem(
                          start,
                          "names no column in {" + name + "}",
                          "Write {column}, {struct.field}, or {`any name`} in back quotes; {{ and }} for braces of the text.")),
          missing);
    }

    private BatchException problem(int position, String what, String whatToDo) {
      int from = Math.max(0, position - 20);
      int to = Math.min(text.length(), position + 20);
      return new BatchException(
          ErrorCode.USAGE,
          "The template of %s %s, at character %d, near \"%s\". %s"
              .formatted(flag, what, position + 1, text.substring(from, to), whatToDo));
    }
  }
}
