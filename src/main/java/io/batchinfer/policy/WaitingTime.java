package io.batchinfer.policy;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which endpoints write how long to wait: seconds, whole or with a fraction; Go's
 * durations, as OpenAI and Groq write them ({@code 20ms}, {@code 6m0s}, {@code 1h2m}); ISO 8601
 * durations; HTTP dates (RFC 9110, 5.6.7); ISO 8601 times, as Anthropic writes them; seconds or
 * milliseconds since 1970, as OpenRouter writes them.
 */
final class WaitingTime {
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d*)?(?:[eE][+-]?\\d{1,3})?");
  private static final Pattern GO = Pattern.compile("(?:\\d+(?:\\.\\d+)?(?:ns|us|µs|ms|s|m|h|d))+");
  private static final Pattern GO_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h|d)");

  /** Numbers from here on are times rather than waits: the year 2001 in seconds. */
  private static final double EPOCH_SECONDS = 1e9;

  /** The year 1973 in milliseconds. */
  private static final double EPOCH_MILLIS = 1e11;

  private static final double LONGEST_SECONDS = 1e9;

  private WaitingTime() {}

  /** Reads any of the forms; a time that has passed is no wait; empty for anything else. */
  static Optional<Duration> of(@Nullable String value, Instant now) {
    if (value == null || value.isBlank()) {
      return Optional.empty();
    }
    String text = value.strip();
    Optional<Double> number = number(text);
    if (number.isPresent()) {
      return ofNumber(number.get(), now);
    }
    if (GO.matcher(text).matches()) {
      return ofGo(text);
    }
    try {
      if (text.startsWith("P")) {
        Duration duration = Duration.parse(text);
        return duration.isNegative() ? Optional.empty() : Optional.of(duration);
      }
      Instant at =
          Character.isDigit(text.charAt(0))
              ? OffsetDateTime.parse(text).toInstant()
              : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(until(at, now));
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** Reads a number of that many nanoseconds each. */
  static Optional<Duration> ofUnits(@Nullable String value, double nanosPerUnit) {
    return number(value)
        .filter(number -> number >= 0 && number < LONGEST_SECONDS)
        .map(number -> Duration.ofNanos((long) (number * nanosPerUnit)));
  }

  private static Optional<Double> number(@Nullable String value) {
    // Java's own reading takes "2f" and "2d" for numbers.
    return value != null && NUMBER.matcher(value.strip()).matches()
        ? Optional.of(Double.parseDouble(value.strip()))
        : Optional.empty();
  }

  private static Optional<Duration> ofNumber(double number, Instant now) {
    if (!(number >= 0) || number >= 1e3 * EPOCH_MILLIS) {
      return Optional.empty();
    }
    if (number >= EPOCH_MILLIS) {
      return Optional.of(until(Instant.ofEpochMilli((long) number), now));
    }
    if (number >= EPOCH_SECONDS) {
      return Optional.of(until(Instant.ofEpochMilli((long) (number * 1e3)), now));
    }
    return Optional.of(Duration.ofNanos((long) (number * 1e9)));
  }

  private static Optional<Duration> ofGo(String text) {
    double nanos = 0;
    Matcher part = GO_PART.matcher(text);
    while (part.find()) {
      nanos += Double.parseDouble(part.group(1)) * nanosOf(part.group(2));
    }
    return nanos < LONGEST_SECONDS * 1e9
        ? Optional.of(Duration.ofNanos((long) nanos))
        : Optional.empty();
  }

  private static double nanosOf(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "µs" -> 1e3;
      case "ms" -> 1e6;
      case "s" -> 1e9;
      case "m" -> 60e9;
      case "h" -> 3600e9;
      default -> 86_400e9;
    };
  }

  private static Duration until(Instant at, Instant now) {
    Duration wait = Duration.between(now, at);
    return wait.isNegative() ? Duration.ZERO : wait;
  }
}
