package io.batchinfer.findings;

import java.time.Duration;
import java.util.Locale;

/** Figures as sentences say them. */
final class Words {
  private Words() {}

  /** {@code 97 %}, {@code 5 %}; below ten with one digit after the point where it is not 0. */
  static String percent(double share) {
    return number(share * 100) + " %";
  }

  private static String number(double value) {
    String words = String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    return words.endsWith(".0") ? words.substring(0, words.length() - 2) : words;
  }

  /** {@code 8.2 s}, {@code 95 s}, {@code 12 min}, {@code 3.5 h}. */
  static String time(Duration duration) {
    double seconds = duration.toMillis() / 1e3;
    if (seconds < 120) {
      return number(seconds) + " s";
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /** {@code 3.2 times}. */
  static String times(double factor) {
    return String.format(Locale.ROOT, "%.1f times", factor);
  }
}
