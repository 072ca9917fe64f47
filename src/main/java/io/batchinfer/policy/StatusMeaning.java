package io.batchinfer.policy;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReplyFacts;
import java.util.Locale;
import java.util.Optional;

/**
 * What every status or failure means to retry, breaker and job: the one table of the program. The
 * reference page is made from it.
 */
public enum StatusMeaning {
  ANSWERED("2xx with a JSON body", Retry.NONE, Breaker.SUCCESS, Stop.NEVER),
  ERROR_INSIDE(
      "2xx whose body is an error: an `error` at the top or in a choice, `finish_reason` `error`, no choices, `null`",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.NEVER),
  NOT_JSON(
      "2xx, complete, that cannot be read as JSON: kept as text",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.NEVER),
  REFUSED("400, 405, 413, 422, 501 and other 4xx", Retry.NONE, Breaker.SUCCESS, Stop.NEVER),
  REDIRECTED("3xx: redirects are not followed", Retry.NONE, Breaker.SUCCESS, Stop.NEVER),
  UNAUTHORIZED("401", Retry.NONE, Breaker.SUCCESS, Stop.AT_ONCE, ErrorCode.AUTHENTICATION_FAILED),
  FORBIDDEN(
      "403",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.BEFORE_FIRST_SUCCESS,
      ErrorCode.AUTHENTICATION_FAILED),
  UNKNOWN_MODEL(
      "404 with a code that names the model",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.BEFORE_FIRST_SUCCESS,
      ErrorCode.MODEL_NOT_FOUND),
  NOT_FOUND(
      "404 otherwise: wrong path or base URL",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.BEFORE_FIRST_SUCCESS,
      ErrorCode.MODEL_NOT_FOUND),
  INSUFFICIENT_QUOTA(
      "402, or 429 with insufficient_quota",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.AT_ONCE,
      ErrorCode.INSUFFICIENT_QUOTA),
  THROTTLED("429", Retry.WHEN_TOLD, Breaker.SUCCESS, Stop.NEVER),
  THROTTLED_ALONE(
      "429, 503 or 529 again for one row, while nearly all others succeed",
      Retry.WHEN_TOLD,
      Breaker.SUCCESS,
      Stop.NEVER),
  REFUSED_ALONE(
      "429, 503 or 529 for one row so often, while others succeed, that chance does not explain it",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.NEVER),
  ABOVE_LIMIT(
      "429 that says that the request is larger than the limit",
      Retry.COUNTED,
      Breaker.SUCCESS,
      Stop.NEVER),
  OVERLOADED("503, 529", Retry.COUNTED, Breaker.FAILURE, Stop.NEVER),
  FULL(
      "503 or 529 again for a row, while others succeed: the endpoint is full, not away",
      Retry.WHEN_TOLD,
      Breaker.IGNORED,
      Stop.NEVER),
  TRY_AGAIN("409, 425", Retry.COUNTED, Breaker.SUCCESS, Stop.NEVER),
  SERVER_ERROR("500, 502 and other 5xx", Retry.COUNTED, Breaker.FAILURE, Stop.NEVER),
  ROW_FAILS("500 for one row, while others succeed", Retry.COUNTED, Breaker.IGNORED, Stop.NEVER),
  ROW_FAILS_AGAIN(
      "500 again for that row, with the same body, while others succeed",
      Retry.NONE,
      Breaker.SUCCESS,
      Stop.NEVER),
  ORIGIN_UNREACHABLE(
      "521, 522, 523, 525, 526: a gateway without a connection to the server; nothing ran",
      Retry.COUNTED,
      Breaker.FAILURE,
      Stop.NEVER),
  GATEWAY_TIMEOUT(
      "408, 499, 504, 520, 524, 598, 599: given up on the way",
      Retry.AMBIGUOUS,
      Breaker.FAILURE,
      Stop.NEVER),
  UNUSABLE(
      "malformed HTTP, or 2xx that is not JSON and that only the end of the connection ended",
      Retry.AMBIGUOUS,
      Breaker.FAILURE,
      Stop.NEVER),
  TOO_LARGE("an answer beyond the size limit", Retry.NONE, Breaker.SUCCESS, Stop.NEVER),
  UNREACHABLE(
      "name look-up, connect or TLS failure: nothing was sent",
      Retry.WHEN_TOLD,
      Breaker.FAILURE,
      Stop.BEFORE_FIRST_SUCCESS,
      ErrorCode.HOST_UNREACHABLE),
  CONNECTION_LOST(
      "connection lost after sending began", Retry.AMBIGUOUS, Breaker.FAILURE, Stop.NEVER),
  TIMED_OUT(
      "no complete answer within the request time-out",
      Retry.AMBIGUOUS,
      Breaker.FAILURE,
      Stop.NEVER),
  NOT_SENT(
      "the right to send had run out: nothing was sent",
      Retry.WHEN_TOLD,
      Breaker.IGNORED,
      Stop.NEVER);

  /** Whether an attempt is followed by another. */
  public enum Retry {
    NONE,
    /** Up to the attempts that the job allows. */
    COUNTED,
    /** The request may have run, so it is repeated at most as often as the job allows for that. */
    AMBIGUOUS,
    /** The request certainly did not run; it waits and does not count as an attempt. */
    WHEN_TOLD
  }

  /** Whether the endpoint turned the attempt away for lack of room. */
  public boolean isLackOfRoom() {
    return this == THROTTLED || this == OVERLOADED || this == FULL;
  }

  /** Whether the endpoint turned the attempt away for a limit or for lack of room. */
  public boolean isRefusal() {
    return isLackOfRoom() || isThrottled();
  }

  /** Whether no answer came to an attempt that may have run. */
  public boolean isLost() {
    return retry == Retry.AMBIGUOUS;
  }

  /** Whether the attempt failed in any other way. */
  public boolean isOtherFailure() {
    return this != ANSWERED && !isRefusal() && !isLost();
  }

  /** Whether it speaks for the row alone, so that no other has to wait for it. */
  public boolean isRowsOwn() {
    return switch (this) {
      case THROTTLED_ALONE, REFUSED_ALONE, ABOVE_LIMIT, ROW_FAILS, ROW_FAILS_AGAIN -> true;
      default -> false;
    };
  }

  /**
   * Whether it ends a request that holds several rows by what may be the fault of one of them, so
   * that the others may succeed without that one. What was answered, or may have run, does not:
   * that is paid for.
   */
  public boolean mayBeOneRows() {
    return switch (this) {
      case ERROR_INSIDE, REFUSED, FORBIDDEN, SERVER_ERROR -> true;
      default -> isRowsOwn();
    };
  }

  /** Whether a limit turned the request away before it ran, so that it cost no tokens. */
  public boolean isThrottled() {
    return switch (this) {
      case THROTTLED, THROTTLED_ALONE, REFUSED_ALONE, ABOVE_LIMIT -> true;
      default -> false;
    };
  }

  /** What the circuit breaker makes of it. */
  public enum Breaker {
    SUCCESS,
    FAILURE,
    IGNORED
  }

  /** Whether it ends the job. */
  public enum Stop {
    NEVER,
    /** When the endpoint has not answered anything with success yet. */
    BEFORE_FIRST_SUCCESS,
    AT_ONCE
  }

  private final String when;
  private final Retry retry;
  private final Breaker breaker;
  private final Stop stop;
  private final Optional<ErrorCode> stopCode;

  StatusMeaning(String when, Retry retry, Breaker breaker, Stop stop) {
    this(when, retry, breaker, stop, Optional.empty());
  }

  StatusMeaning(String when, Retry retry, Breaker breaker, Stop stop, ErrorCode stopCode) {
    this(when, retry, breaker, stop, Optional.of(stopCode));
  }

  StatusMeaning(
      String when, Retry retry, Breaker breaker, Stop stop, Optional<ErrorCode> stopCode) {
    this.when = when;
    this.retry = retry;
    this.breaker = breaker;
    this.stop = stop;
    this.stopCode = stopCode;
  }

  /** The statuses and failures it stands for, for the reference page. */
  public String when() {
    return when;
  }

  public Retry retry() {
    return retry;
  }

  public Breaker breaker() {
    return breaker;
  }

  public Stop stop() {
    return stop;
  }

  /** How the job ends where it ends the job. */
  public Optional<ErrorCode> stopCode() {
    return stopCode;
  }

  /**
   * The meaning of an answer by itself; what other rows make of it is {@link RowHistory}'s.
   *
   * @param facts what its body says
   */
  public static StatusMeaning of(int status, ReplyFacts facts) {
    String code = facts.errorCode().toLowerCase(Locale.ROOT);
    if (status >= 200 && status < 300) {
      return !facts.json() ? NOT_JSON : facts.isError() ? ERROR_INSIDE : ANSWERED;
    }
    if (status >= 300 && status < 400) {
      return REDIRECTED;
    }
    return switch (status) {
      case 401 -> UNAUTHORIZED;
      case 402 -> INSUFFICIENT_QUOTA;
      case 403 -> FORBIDDEN;
      case 404 ->
          code.contains("model") || code.equals("notfounderror") ? UNKNOWN_MODEL : NOT_FOUND;
      case 409, 425 -> TRY_AGAIN;
      case 429 -> ofTooMany(code, facts.errorMessage());
      case 501 -> REFUSED;
      case 503, 529 -> OVERLOADED;
      case 521, 522, 523, 525, 526 -> ORIGIN_UNREACHABLE;
      case 408, 499, 504, 520, 524, 598, 599 -> GATEWAY_TIMEOUT;
      default -> status >= 500 ? SERVER_ERROR : REFUSED;
    };
  }

  private static StatusMeaning ofTooMany(String code, String message) {
    if (code.equals("insufficient_quota") || code.equals("billing_hard_limit_reached")) {
      return INSUFFICIENT_QUOTA;
    }
    return RequestAboveLimit.isSaidBy(code, message) ? ABOVE_LIMIT : THROTTLED;
  }
}
