package io.batchinfer.policy;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long an endpoint asks to wait: {@code retry-after-ms} as OpenAI sends it, {@code
 * Retry-After} in seconds (whole or with a fraction) or as an HTTP date (RFC 9110, 10.2.3).
 */
public final class RetryAfter {
  private RetryAfter() {}

  /**
   * The pause that an answer asks for, or empty where it asks for none that can be understood.
   *
   * @param header looks a header up without regard to case, null where it is absent
   */
  public static Optional<Duration> of(Function<String, @Nullable String> header, Instant now) {
    Optional<Duration> millis = number(header.apply("retry-after-ms"), 1e6);
    if (millis.isPresent()) {
      return millis;
    }
    String value = header.apply("retry-after");
    Optional<Duration> seconds = number(value, 1e9);
    if (seconds.isPresent() || value == null) {
      return seconds;
    }
    try {
      Instant date =
          ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now, date);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> number(@Nullable String value, double nanosPerUnit) {
    if (value == null) {
      return Optional.empty();
    }
    try {
      double number = Double.parseDouble(value.strip());
      return number >= 0 && number < 1e9
          ? Optional.of(Duration.ofNanos((long) (number * nanosPerUnit)))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
