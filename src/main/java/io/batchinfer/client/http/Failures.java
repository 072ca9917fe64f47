package io.batchinfer.client.http;

import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a failure of the network stack means for an attempt. */
final class Failures {
  private static final int LONGEST_REASON = 200;

  private final String endpoint;
  private final String way;

  /**
   * @param endpoint host and port for messages
   * @param proxy through which the endpoint is reached
   */
  Failures(String endpoint, Optional<HttpProxy> proxy) {
    this.endpoint = "\"" + endpoint + "\"";
    this.way =
        this.endpoint
            + proxy
                .map(
                    through ->
                        " through the proxy \"%s\" of the driver's environment".formatted(through))
                .orElse("");
  }

  /** Before a connection was established: nothing was sent. */
  TransportException connecting(Throwable failure) {
    if (within(failure, UnknownHostException.class)) {
      return failed(
          Kind.UNKNOWN_HOST,
          "The host of "
              + endpoint
              + " or of its proxy is unknown: "
              + reason(failure)
              + ". Check the base URL and the name service.",
          failure);
    }
    if (isTlsRefusal(failure)) {
      return failed(
          Kind.TLS_FAILED,
          "No TLS with "
              + way
              + (within(failure, NotSslRecordException.class)
                  ? ": it answers, but not in TLS. If it speaks plain HTTP, its URL begins with http:"
                  : ": "
                      + reason(innermost(failure))
                      + ". Check the host name, and name the authority's certificate with --ca-file if"
                      + " it is not a public one")
              + ".",
          failure);
    }
    return failed(
        Kind.CONNECT_FAILED,
        "Cannot connect to " + way + ": " + reason(failure) + ". Nothing was sent.",
        failure);
  }

  /**
   * After writing had begun: the request may have run.
   *
   * @param ignored whether the endpoint said that it has not looked at the request
   */
  TransportException exchanging(Throwable failure, boolean ignored) {
    if (ignored
        || (failure instanceof StreamResetException reset
            && reset.getCode() == Http2Error.REFUSED_STREAM.code())) {
      return failed(
          Kind.CONNECT_FAILED,
          endpoint + " declined the request before processing it: " + reason(failure) + ".",
          failure);
    }
    boolean lost =
        failure instanceof HttpClosedException
            || failure instanceof StreamResetException
            || failure instanceof PrematureChannelClosureException
            || within(failure, IOException.class);
    return lost
        ? failed(
            Kind.CONNECTION_LOST,
            "The connection to "
                + endpoint
                + " ended before the answer was complete: "
                + reason(failure)
                + ".",
            failure)
        : malformed(shortened(reason(failure)) + ".", failure);
  }

  /** On a new connection, which was closed: nothing was sent. */
  TransportException spokeFirst() {
    return failed(
        Kind.CONNECT_FAILED,
        endpoint
            + " sent something, or closed the connection, before it was asked anything. Nothing was"
            + " sent. Check that it is an HTTP server.",
        null);
  }

  TransportException malformed(String what, @Nullable Throwable cause) {
    return failed(
        Kind.MALFORMED_RESPONSE, endpoint + " sent an answer that is not valid: " + what, cause);
  }

  /** More came than one answer, where either may be that of an earlier request. */
  TransportException doubtful() {
    return malformed(
        "more came behind it, and the connection had served a request before, so that it is not known"
            + " to belong to this request.",
        null);
  }

  TransportException tooLarge(long limit) {
    return failed(
        Kind.RESPONSE_TOO_LARGE,
        "The answer of "
            + endpoint
            + " is larger than "
            + limit
            + " bytes. Raise the limit if answers may be that large.",
        null);
  }

  /**
   * @param silent whether the endpoint had never answered anything on the connection
   */
  TransportException timedOut(Duration timeout, boolean silent) {
    return new TransportException(
        Kind.TIMED_OUT,
        "No complete answer from "
            + endpoint
            + " within "
            + timeout.toMillis()
            + " ms"
            + (silent ? ", and none ever on this connection" : "")
            + ". Raise the request time-out if answers may take that long.",
        null,
        silent);
  }

  TransportException fenced() {
    return failed(
        Kind.FENCED,
        "Not sent to " + endpoint + ": the right to send had run out before the first byte.",
        null);
  }

  TransportException closed() {
    return failed(
        Kind.CONNECT_FAILED, "Not sent to " + endpoint + ": the transport is closed.", null);
  }

  private static boolean isTlsRefusal(Throwable failure) {
    return !within(failure, SslHandshakeTimeoutException.class)
        && !within(failure, ClosedChannelException.class)
        && (within(failure, SSLException.class) || within(failure, CertificateException.class));
  }

  private static boolean within(Throwable failure, Class<? extends Throwable> type) {
    Throwable current = failure;
    for (int depth = 0; current != null && depth < 16; depth++) {
      if (type.isInstance(current)) {
        return true;
      }
      current = current.getCause();
    }
    return false;
  }

  private static Throwable innermost(Throwable failure) {
    Throwable current = failure;
    for (int depth = 0; current.getCause() != null && depth < 16; depth++) {
      current = current.getCause();
    }
    return current;
  }

  /** Parts of the answer's head may be in it. */
  private static String shortened(String reason) {
    String printable = reason.replaceAll("\\p{Cntrl}", " ").strip();
    return printable.length() <= LONGEST_REASON
        ? printable
        : printable.substring(0, LONGEST_REASON) + "…";
  }

  private static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }

  private static TransportException failed(Kind kind, String message, @Nullable Throwable cause) {
    return new TransportException(kind, message, cause);
  }
}
