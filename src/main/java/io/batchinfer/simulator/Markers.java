package io.batchinfer.simulator;

import io.batchinfer.config.Durations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a request asks of the simulated endpoint by markers in its text: {@code [[fault:http_503]]},
 * {@code [[fault:http_503*2]]}, {@code [[retry-after:1]]}, {@code [[tokens:50]]}, {@code
 * [[cached:40]]}, {@code [[latency:250ms]]}. Anything else in double brackets is ordinary text.
 *
 * @param faultAttempts the attempts at the request, counted from its first, that the fault hits
 */
record Markers(
    Optional<Fault> fault,
    int faultAttempts,
    Optional<Duration> retryAfter,
    OptionalInt tokens,
    OptionalInt cached,
    Optional<Duration> latency) {
  private static final int LONGEST = 64;
  private static final Markers NONE =
      new Markers(
          Optional.empty(),
          0,
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty());

  static Markers find(byte[] text) {
    Markers found = NONE;
    for (int i = 0; i + 1 < text.length; i++) {
      if (text[i] == '[' && text[i + 1] == '[') {
        found = found.with(marker(text, i + 2));
      }
    }
    return found;
  }

  Optional<Fault> fault(int attempt) {
    return attempt <= faultAttempts ? fault : Optional.empty();
  }

  private static String marker(byte[] text, int start) {
    int last = Math.min(text.length - 1, start + LONGEST);
    for (int end = start; end < last; end++) {
      if (text[end] == ']' && text[end + 1] == ']') {
        return new String(text, start, end - start, StandardCharsets.ISO_8859_1);
      }
    }
    return "";
  }

  private Markers with(String marker) {
    int colon = marker.indexOf(':');
    if (colon < 0) {
      return this;
    }
    String value = marker.substring(colon + 1);
    return switch (marker.substring(0, colon)) {
      case "fault" -> withFault(value);
      case "retry-after" ->
          new Markers(
              fault, faultAttempts, duration(value).or(() -> retryAfter), tokens, cached, latency);
      case "tokens" ->
          new Markers(fault, faultAttempts, retryAfter, number(value), cached, latency);
      case "cached" ->
          new Markers(fault, faultAttempts, retryAfter, tokens, number(value), latency);
      case "latency" ->
          new Markers(
              fault, faultAttempts, retryAfter, tokens, cached, duration(value).or(() -> latency));
      default -> this;
    };
  }

  private Markers withFault(String value) {
    int star = value.indexOf('*');
    Optional<Fault> named = Fault.ofLabel(star < 0 ? value : value.substring(0, star));
    OptionalInt attempts =
        star < 0 ? OptionalInt.of(Integer.MAX_VALUE) : number(value.substring(star + 1));
    if (named.isEmpty() || attempts.isEmpty()) {
      return this;
    }
    return new Markers(named, attempts.getAsInt(), retryAfter, tokens, cached, latency);
  }

  private static OptionalInt number(String digits) {
    if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(Character::isDigit)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(Integer.parseInt(digits));
  }

  private static Optional<Duration> duration(String text) {
    try {
      return Optional.of(Durations.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
