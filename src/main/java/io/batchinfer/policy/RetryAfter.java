package io.batchinfer.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long an endpoint asks to wait: {@code retry-after-ms} as OpenAI sends it, {@code
 * Retry-After} in any of the forms of {@link WaitingTime}, and where a refusal has neither, when
 * the limit that it says is used up is there again.
 */
public final class RetryAfter {
  /**
   * Headers that state what is left of a limit, and when all of it is there again: OpenAI's
   * (platform.openai.com/docs/guides/rate-limits), which many others send, Anthropic's
   * (docs.anthropic.com/en/api/rate-limits), and those without a kind of limit in their names
   * (GitHub, OpenRouter, and the IETF's draft ratelimit-headers).
   */
  private static final List<LimitState> LIMITS =
      List.of(
          new LimitState("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
          new LimitState("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
          new LimitState(
              "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
          new LimitState(
              "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
          new LimitState(
              "anthropic-ratelimit-input-tokens-remaining",
              "anthropic-ratelimit-input-tokens-reset"),
          new LimitState(
              "anthropic-ratelimit-output-tokens-remaining",
              "anthropic-ratelimit-output-tokens-reset"),
          new LimitState("x-ratelimit-remaining", "x-ratelimit-reset"),
          new LimitState("ratelimit-remaining", "ratelimit-reset"));

  private RetryAfter() {}

  private record LimitState(String remaining, String reset) {}

  /**
   * The pause that an answer asks for, or empty where it asks for none that can be understood.
   *
   * @param header looks a header up without regard to case, null where it is absent
   * @param overLimit whether the answer says that a limit is used up, so that the limit's own
   *     headers tell when to come again
   */
  public static Optional<Duration> of(
      Function<String, @Nullable String> header, boolean overLimit, Instant now) {
    return WaitingTime.ofUnits(header.apply("retry-after-ms"), 1e6)
        .or(() -> WaitingTime.of(header.apply("retry-after"), now))
        .or(() -> overLimit ? reset(header, now) : Optional.empty());
  }

  /**
   * When the last of the limits that are used up is there again; where none of them says how much
   * is left, when the first of them is.
   */
  private static Optional<Duration> reset(Function<String, @Nullable String> header, Instant now) {
    Optional<Duration> ofUsedUp = Optional.empty();
    Optional<Duration> ofUnknown = Optional.empty();
    for (LimitState limit : LIMITS) {
      Optional<Duration> reset = WaitingTime.of(header.apply(limit.reset()), now);
      if (reset.isEmpty()) {
        continue;
      }
      String remaining = header.apply(limit.remaining());
      if (remaining == null) {
        ofUnknown = ofUnknown.filter(known -> known.compareTo(reset.get()) <= 0).or(() -> reset);
      } else if (isZero(remaining)) {
        ofUsedUp = ofUsedUp.filter(known -> known.compareTo(reset.get()) >= 0).or(() -> reset);
      }
    }
    return ofUsedUp.isPresent() ? ofUsedUp : ofUnknown;
  }

  private static boolean isZero(String remaining) {
    try {
      return Double.parseDouble(remaining.strip()) <= 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
