package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.TransportException;
import org.jspecify.annotations.Nullable;

/** What the end of an attempt says about whether the endpoint is there. */
public enum Sign {
  /** It answered. */
  ALIVE,
  /** The connection broke, or a gateway lost its own: what a server leaves behind that dies. */
  LOST,
  /** It, or a gateway before it, answers that it cannot serve. */
  FULL,
  /** No connection, or none of the gateway: nothing was sent. */
  AWAY,
  /** Nothing is known. */
  NONE;

  /** How {@link ReplicaSigns.Failed#last} tells a refused connection. */
  static final int REFUSED = -1;

  /** How {@link ReplicaSigns.Failed#last} tells a connection that broke. */
  static final int BROKEN = -2;

  /** How {@link ReplicaSigns.Failed#last} tells a host that has no address. */
  static final int UNKNOWN_HOST = -3;

  static Sign of(Attempt attempt) {
    if (attempt.reply() != null) {
      return ofStatus(attempt.reply().status());
    }
    TransportException failure = attempt.failure();
    if (failure == null) {
      return NONE;
    }
    return switch (failure.kind()) {
      case CONNECTION_LOST -> LOST;
      case UNKNOWN_HOST, CONNECT_FAILED -> AWAY;
      default -> NONE;
    };
  }

  /**
   * Statuses from 520 on are Cloudflare's
   * (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/).
   * A time-out of a gateway, or an answer that it does not understand, says neither that a server
   * is there nor that it is not; and the request may have run.
   */
  private static Sign ofStatus(int status) {
    return switch (status) {
      case 502 -> LOST;
      case 503, 529 -> FULL;
      case 521, 522, 523, 525, 526 -> AWAY;
      case 408, 499, 504, 520, 524, 598, 599 -> NONE;
      default -> ALIVE;
    };
  }

  /**
   * The kind of failure for {@link ReplicaSigns.Failed#last}: a status, or one of the negative
   * ones.
   */
  static int failure(Attempt attempt) {
    if (attempt.reply() != null) {
      return attempt.reply().status();
    }
    TransportException failure = attempt.failure();
    if (failure == null) {
      return 0;
    }
    return switch (failure.kind()) {
      case CONNECTION_LOST -> BROKEN;
      case UNKNOWN_HOST -> UNKNOWN_HOST;
      default -> REFUSED;
    };
  }

  /** The sign of that place in the order of the enum, or null where it has none. */
  static @Nullable Sign ofOrdinal(int ordinal) {
    return ordinal < 0 || ordinal >= values().length ? null : values()[ordinal];
  }
}
