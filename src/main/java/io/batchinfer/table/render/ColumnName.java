package io.batchinfer.table.render;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A name as it was written: {@code column}, {@code struct.field}, or with parts in back quotes,
 * where two of them stand for one.
 *
 * @param parts the name at its dots, without back quotes; at least one
 * @param written as it was
 * @param quoted whether some part was in back quotes, so that the dots are what they seem
 */
record ColumnName(List<String> parts, String written, boolean quoted) {

  ColumnName {
    parts = List.copyOf(parts);
  }

  /** The first of the stops at or after {@code from} that is not in back quotes, or the end. */
  static int end(String text, int from, String stops) {
    boolean inQuotes = false;
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '`') {
        inQuotes = !inQuotes;
      } else if (!inQuotes && stops.indexOf(c) >= 0) {
        return at;
      }
      at++;
    }
    return at;
  }

  /** Reads a name; empty if a part is empty or a back quote stands where it cannot. */
  static Optional<ColumnName> parse(String written) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at <= written.length()) {
      int end = end(written, at, ".");
      Optional<String> part = part(written.substring(at, end));
      if (part.isEmpty()) {
        return Optional.empty();
      }
      parts.add(part.get());
      at = end + 1;
    }
    return Optional.of(new ColumnName(parts, written, written.indexOf('`') >= 0));
  }

  private static Optional<String> part(String written) {
    if (written.indexOf('`') < 0) {
      return written.isEmpty() ? Optional.empty() : Optional.of(written);
    }
    boolean enclosed = written.length() > 2 && written.startsWith("`") && written.endsWith("`");
    String inner = enclosed ? written.substring(1, written.length() - 1) : "";
    boolean single = inner.replace("``", "").indexOf('`') >= 0;
    return inner.isEmpty() || single ? Optional.empty() : Optional.of(inner.replace("``", "`"));
  }

  /** The name without back quotes. */
  String plain() {
    return String.join(".", parts);
  }
}
