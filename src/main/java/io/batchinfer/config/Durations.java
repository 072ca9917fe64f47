package io.batchinfer.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people type them: {@code 250ms}, {@code 30s}, {@code 10m}, {@code 2h}, {@code 1d}.
 */
public final class Durations {
  static final String ACCEPTED =
      "give a number with ms, s, m, h or d, such as 250ms, 30s, 10m, 2h or 1d; a bare number is"
          + " seconds";

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)\\s*([a-z]*)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "", Duration.ofSeconds(1),
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private Durations() {}

  /**
   * Reads a duration; a bare number is seconds.
   *
   * @throws IllegalArgumentException with words for the user when the text is not one
   */
  public static Duration parse(String text) {
    try {
      return read(text);
    } catch (InvalidValue e) {
      throw new IllegalArgumentException(e.words(), e);
    }
  }

  static Duration read(String text) throws InvalidValue {
    Matcher shape = SHAPE.matcher(text.strip().toLowerCase(Locale.ROOT));
    Duration unit = shape.matches() ? UNITS.get(shape.group(2)) : null;
    if (unit == null) {
      throw InvalidValue.of(text, "is not a duration", ACCEPTED);
    }
    BigDecimal nanos = new BigDecimal(shape.group(1)).multiply(BigDecimal.valueOf(unit.toNanos()));
    if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
      throw InvalidValue.of(text, "is longer than a century", ACCEPTED);
    }
    return Duration.ofNanos(nanos.longValue());
  }

  /** The shortest text that {@link #parse} reads as the same duration, to the millisecond. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0 || millis == 0) {
      return millis == 0 ? "0s" : millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
