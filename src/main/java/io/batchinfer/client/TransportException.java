package io.batchinfer.client;

import org.jspecify.annotations.Nullable;

/** An attempt without a complete answer. The message names no header value and no body. */
public final class TransportException extends RuntimeException {
  /** What is known about the attempt. */
  public enum Kind {
    /** The host name does not resolve. Nothing was sent. */
    UNKNOWN_HOST(false),
    /** No connection: refused, unreachable, connect time-out. Nothing was sent. */
    CONNECT_FAILED(false),
    /** The TLS handshake failed: certificate, host name, protocol. Nothing was sent. */
    TLS_FAILED(false),
    /** Not sent because the sender's right to send had run out. */
    FENCED(false),
    /** The connection ended after the request had begun to go out: it may have run. */
    CONNECTION_LOST(true),
    /** No complete answer within the request time-out: it may have run. */
    TIMED_OUT(true),
    /** The answer exceeded the size limit: it has run. */
    RESPONSE_TOO_LARGE(true),
    /** The answer was not well-formed HTTP: it may have run. */
    MALFORMED_RESPONSE(true);

    private final boolean mayHaveRun;

    Kind(boolean mayHaveRun) {
      this.mayHaveRun = mayHaveRun;
    }

    /** Whether the endpoint may have done, and billed, the work. */
    public boolean mayHaveRun() {
      return mayHaveRun;
    }
  }

  private final Kind kind;
  private final boolean onSilentConnection;

  public TransportException(Kind kind, String message, @Nullable Throwable cause) {
    this(kind, message, cause, false);
  }

  /**
   * @param onSilentConnection whether the endpoint had never answered anything on the connection
   */
  public TransportException(
      Kind kind, String message, @Nullable Throwable cause, boolean onSilentConnection) {
    super(message, cause);
    this.kind = kind;
    this.onSilentConnection = onSilentConnection;
  }

  /** Whether the endpoint had never answered anything on the connection. */
  public boolean isOnSilentConnection() {
    return onSilentConnection;
  }

  public Kind kind() {
    return kind;
  }
}
