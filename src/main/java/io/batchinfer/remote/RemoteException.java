package io.batchinfer.remote;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call of a provider's batch service that did not do what it was for. */
public final class RemoteException extends RuntimeException {
  /** What that means for the next try. */
  public enum Kind {
    /** It was refused, and would be again. */
    REFUSED,
    /** There is no such thing there. */
    ABSENT,
    /** It was refused for now: too many, too busy, not ready. It had no effect. */
    LATER,
    /** There was no connection to send it over. It had no effect. */
    UNREACHABLE,
    /** Nobody knows whether it had an effect. */
    UNCERTAIN
  }

  private final Kind kind;
  private final String code;
  private final Optional<Duration> retryAfter;

  /**
   * @param code the provider's own, or empty
   * @param message what was called, and the provider's words
   */
  public RemoteException(
      Kind kind,
      String code,
      String message,
      Optional<Duration> retryAfter,
      @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether the next try would fail in the same way. */
  public boolean isLasting() {
    return kind == Kind.REFUSED || kind == Kind.ABSENT;
  }

  /** The provider's own code for it, or empty. */
  public String code() {
    return code;
  }

  /** How long the provider asks to wait. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
