package io.batchinfer.watch.otlp;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets the names of models and errors through that look like names. Rows and endpoints can write
 * anything where a name is meant to be: a prompt, an answer, a key. Thread-safe.
 */
final class PlainNames {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}");

  /** Shorter values occur in ordinary names. */
  private static final int SHORTEST_SECRET = 6;

  private final List<String> secrets;

  /**
   * @param secrets values that no name may hold
   */
  PlainNames(List<String> secrets) {
    this.secrets =
        secrets.stream().filter(secret -> secret.length() >= SHORTEST_SECRET).distinct().toList();
  }

  /** The text where it can be shown, empty where it is none or cannot be. */
  Optional<String> shown(String text) {
    return NAME.matcher(text).matches() && secrets.stream().noneMatch(text::contains)
        ? Optional.of(text)
        : Optional.empty();
  }
}
