package io.batchinfer.docs;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The messages that the page about trouble quotes, in the first cells of its tables. */
final class QuotedMessages {
  static final Path PAGE = Path.of("src/site/markdown/troubleshooting.md");

  private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
  private static final String LEFT_OUT = "…";

  private QuotedMessages() {}

  static List<String> all() {
    return FIRST_CELL.matcher(Pages.text(PAGE)).results().map(found -> found.group(1)).toList();
  }

  /** What does not change in a message, piece by piece. */
  static List<String> fixedParts(String message) {
    return Stream.of(message.split(LEFT_OUT)).map(String::strip).filter(p -> !p.isEmpty()).toList();
  }

  /** The quotes that are in what was said. */
  static List<String> in(String said) {
    return all().stream()
        .filter(
            message ->
                Pattern.compile(
                        Stream.of(message.split(LEFT_OUT, -1))
                            .map(Pattern::quote)
                            .reduce((a, b) -> a + ".*?" + b)
                            .orElseThrow(),
                        Pattern.DOTALL)
                    .matcher(said)
                    .find())
        .toList();
  }
}
