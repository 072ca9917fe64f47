package io.batchinfer.quota;

import io.batchinfer.policy.PacedRate;
import io.batchinfer.quota.RateState.Bound;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The timetable of one endpoint's requests and tokens. Not thread-safe. */
final class RatePacer {
  /**
   * What is left of a limit takes up the difference between the moment a request is planned for and
   * the one at which the endpoint counts it: a request a second, but no more than the first of
   * these shares and no less than the second.
   */
  private static final double MOST_REQUESTS_LEFT = 0.01;

  private static final double LEAST_REQUESTS_LEFT = 0.005;

  private static final double TOKENS_PLANNED = 0.98;
  private static final Duration TOKEN_SLACK = Duration.ofMillis(500);

  /** What a predecessor had planned for executors that still run goes out before. */
  private static final Duration START_AFTER = Duration.ofMillis(200);

  private static final double MOST_ROWS = 1_000_000;

  private @Nullable PacedRate requests;
  private @Nullable PacedRate tokens;
  private long requestsPerMinute;
  private long tokensPerMinute;

  RatePacer(QuotaLimits limits, long now) {
    limitRequests(limits.requestsPerMinute(), now);
    limitTokens(limits.tokensPerMinute(), now);
  }

  void limitRequests(long perMinute, long now) {
    requestsPerMinute = perMinute;
    requests =
        perMinute == 0 ? null : new PacedRate(planned(perMinute), 0, now + START_AFTER.toNanos());
  }

  private static double planned(long perMinute) {
    double oneASecond = 60.0 / perMinute;
    double left = Math.max(LEAST_REQUESTS_LEFT, Math.min(MOST_REQUESTS_LEFT, oneASecond));
    return perMinute * (1 - left);
  }

  void limitTokens(long perMinute, long now) {
    tokensPerMinute = perMinute;
    tokens =
        perMinute == 0
            ? null
            : new PacedRate(
                perMinute * TOKENS_PLANNED, TOKEN_SLACK.toNanos(), now + START_AFTER.toNanos());
  }

  boolean isUnlimited() {
    return requests == null && tokens == null;
  }

  /** Requests a second that are planned for, 0 for any number. */
  double requestsPerSecond() {
    return requests == null ? 0 : requests.unitsIn(Duration.ofSeconds(1).toNanos());
  }

  /** The limit on requests, 0 for none. */
  long requestsPerMinute() {
    return requestsPerMinute;
  }

  /** Which of the limits a row would have to wait for now; {@link Bound#NONE} for neither. */
  Bound bound(long now) {
    long byRequests = requests == null ? now : requests.next(now);
    long byTokens = tokens == null ? now : tokens.next(now);
    if (Math.max(byRequests, byTokens) <= now) {
      return Bound.NONE;
    }
    return byRequests >= byTokens ? Bound.REQUESTS : Bound.TOKENS;
  }

  /** The limit on tokens, 0 for none. */
  long tokensPerMinute() {
    return tokensPerMinute;
  }

  /** Whether a row costs more than a whole minute allows. */
  boolean isOversized(long cost) {
    return tokens != null && cost > tokensPerMinute;
  }

  /** The earliest moment for a row, in ticker nanoseconds. */
  long next(long now) {
    long byRequests = requests == null ? now : requests.next(now);
    long byTokens = tokens == null ? now : tokens.next(now);
    return Math.max(now, Math.max(byRequests, byTokens));
  }

  /** Whether all tokens that may be saved up are there. */
  boolean isFull(long now) {
    return tokens == null || tokens.next(now) <= now - TOKEN_SLACK.toNanos();
  }

  void take(long cost, long at) {
    if (requests != null) {
      requests.take(1, at);
    }
    if (tokens != null) {
      // Not counted from the row's own moment: tokens that the request rate left unused stay saved.
      tokens.take((double) cost, at - TOKEN_SLACK.toNanos());
    }
  }

  /**
   * Gives tokens back, or charges more when negative. Rows do not come back: their moments are
   * over.
   */
  void refundTokens(long count, long now) {
    if (tokens != null && count != 0) {
      tokens.refund((double) count, now);
    }
  }

  /** Rows of that cost that a stretch of time has room for, at least 1. */
  int rowsIn(Duration stretch, long meanCost) {
    long nanos = stretch.toNanos();
    double cost = Math.max(1, meanCost);
    double byRequests = requests == null ? Double.MAX_VALUE : requests.unitsIn(nanos);
    double byTokens = tokens == null ? Double.MAX_VALUE : tokens.unitsIn(nanos) / cost;
    double rows = Math.ceil(Math.min(byRequests, byTokens));
    return (int) Math.max(1, Math.min(MOST_ROWS, rows));
  }
}
