package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a whole request body, within bounds of size, time and heap. */
final class RequestBody {
  private final int maxBytes;
  private final HeapShare share;
  private final Duration patience;

  /**
   * @param maxBytes most bytes of one body
   * @param share of the bodies that are being read or worked on
   * @param patience in which a body must come in
   */
  RequestBody(int maxBytes, HeapShare share, Duration patience) {
    this.maxBytes = maxBytes;
    this.share = share;
    this.patience = patience;
  }

  /** Hands the body on; a body that is refused fails the call. */
  void read(Call call, Consumer<byte[]> then) {
    HttpServerRequest request = call.request();
    refuseEncoded(request);
    long announced = announced(request);
    if (announced > maxBytes) {
      throw tooLarge();
    }
    Reading reading = new Reading(call, then);
    call.beforeAnswer(reading::release);
    request.handler(reading::take);
    request.endHandler(end -> reading.finish());
    request.exceptionHandler(failure -> reading.breakOff());
    reading.timer = call.vertx().setTimer(patience.toMillis(), timer -> reading.giveUp());
    sayContinue(request);
  }

  /** Lets a client go on that asked first, as curl does. */
  static void sayContinue(HttpServerRequest request) {
    @Nullable String expect = request.getHeader(HttpHeaders.EXPECT);
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      request.response().writeContinue();
    }
  }

  /** A compressed body could unpack to anything. */
  static void refuseEncoded(HttpServerRequest request) {
    String encoding =
        Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_ENCODING))
            .orElse("identity")
            .toLowerCase(Locale.ROOT);
    if (!encoding.equals("identity")) {
      throw new ApiError(
          415,
          "invalid_request_error",
          null,
          "unsupported_encoding",
          "Content-Encoding \"%s\" is not accepted; send the body as it is."
              .formatted(encoding.length() > 40 ? encoding.substring(0, 40) : encoding));
    }
  }

  static long announced(HttpServerRequest request) {
    @Nullable String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? -1 : Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      throw ApiError.invalid(null, "invalid_header", "The Content-Length header is not a number.");
    }
  }

  private ApiError tooLarge() {
    return ApiError.tooLarge(
        null,
        "The request body is larger than %,d bytes. Upload the requests as a file."
            .formatted(maxBytes));
  }

  private final class Reading {
    private final Call call;
    private final Consumer<byte[]> then;
    private Buffer body = Buffer.buffer();
    private long counted;
    private long timer;
    private boolean over;

    Reading(Call call, Consumer<byte[]> then) {
      this.call = call;
      this.then = then;
    }

    void take(Buffer part) {
      if (over) {
        return;
      }
      if (body.length() + part.length() > maxBytes) {
        refuse(tooLarge());
      } else if (share.take(part.length())) {
        counted += part.length();
        body.appendBuffer(part);
      } else {
        refuse(HeapShare.overloaded());
      }
    }

    private void refuse(ApiError error) {
      over = true;
      call.vertx().cancelTimer(timer);
      call.fail(error);
    }

    void finish() {
      if (!over) {
        over = true;
        call.vertx().cancelTimer(timer);
        call.guarded(() -> then.accept(body.getBytes()));
      }
    }

    /** The client has gone, or what it sends is not HTTP. */
    void breakOff() {
      if (!over) {
        refuse(
            ApiError.invalid(
                null, "malformed_request", "The request body is cut off or not proper HTTP."));
      }
    }

    void giveUp() {
      if (!over) {
        refuse(
            new ApiError(
                408,
                "invalid_request_error",
                null,
                "request_timeout",
                "The request body did not arrive within %d s.".formatted(patience.toSeconds())));
      }
    }

    void release() {
      over = true;
      call.vertx().cancelTimer(timer);
      body = Buffer.buffer();
      share.give(counted);
      counted = 0;
    }
  }
}
