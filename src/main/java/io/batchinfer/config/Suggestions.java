package io.batchinfer.config;

import java.util.Collection;
import java.util.Optional;

/** Finds the word that a mistyped one was probably meant to be. */
public final class Suggestions {
  private Suggestions() {}

  /** The closest of the words; empty if none is close. */
  public static Optional<String> nearest(String word, Collection<String> candidates) {
    int limit = Math.max(2, word.length() / 3);
    Optional<String> nearest = Optional.empty();
    for (String candidate : candidates) {
      int distance = distance(word, candidate);
      if (distance <= limit) {
        nearest = Optional.of(candidate);
        limit = distance - 1;
      }
    }
    return nearest;
  }

  /** A question to append to a message, with a leading space; empty if no word is close. */
  public static String didYouMean(String word, Collection<String> candidates) {
    return nearest(word, candidates).map(n -> " Did you mean \"" + n + "\"?").orElse("");
  }

  private static int distance(String left, String right) {
    int[] previous = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] current = new int[right.length() + 1];
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int substituted = previous[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substituted, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[right.length()];
  }
}
