package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.metrics.Metric;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.store.BatchStore;
import io.batchinfer.store.StoredContent;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers with the bytes of a file, whole or a part of it. Never encoded, and always of the type
 * that Mistral's clients insist on.
 */
final class Download {
  private final BatchStore store;
  private final BodyStreams streams;
  private final ServiceMetrics metrics;

  Download(BatchStore store, BodyStreams streams, ServiceMetrics metrics) {
    this.store = store;
    this.streams = streams;
    this.metrics = metrics;
  }

  void serve(Call call, BatchFile file) {
    call.blocking(() -> StoredContent.whole(store, file), content -> answer(call, file, content));
  }

  private void answer(Call call, BatchFile file, StoredContent content) {
    HttpServerResponse response = call.response();
    String tag = "\"" + file.id() + "\"";
    long bytes = content.bytes();
    response.putHeader(HttpHeaders.ETAG, tag);
    response.putHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "private, no-transform");
    @Nullable String known = call.request().getHeader(HttpHeaders.IF_NONE_MATCH);
    if (known != null && (known.contains(tag) || known.strip().equals("*"))) {
      response.setStatusCode(304).end();
      return;
    }
    Optional<ByteRange> range;
    try {
      range = range(call, tag, bytes);
    } catch (ApiError e) {
      response.putHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + bytes);
      throw e;
    }
    ByteRange part = range.orElse(new ByteRange(0, bytes));
    response.setStatusCode(range.isPresent() ? 206 : 200);
    range.ifPresent(wanted -> response.putHeader(HttpHeaders.CONTENT_RANGE, wanted.header(bytes)));
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/octet-stream");
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(part.length()));
    response.putHeader(HttpHeaders.CONTENT_DISPOSITION, disposition(file.filename()));
    if (call.isHead() || part.length() == 0) {
      response.end();
      return;
    }
    call.whenOver(
        () ->
            metrics.add(
                Metric.DOWNLOADED_BYTES, (double) response.bytesWritten(), file.workspace()));
    Optional<String> local = content.localFile();
    if (local.isPresent()) {
      response
          .sendFile(local.get(), part.first(), part.length())
          .onFailure(
              failure -> {
                // A client that goes, or takes nothing until it is cut off, is not a defect.
                if (!call.isGone() && !(failure instanceof ClosedChannelException)) {
                  call.fail(failure);
                }
                call.cutOff();
              });
    } else {
      streams.send(call, file.workspace(), () -> content.open(part.first()), part.length());
    }
  }

  private static Optional<ByteRange> range(Call call, String tag, long bytes) {
    @Nullable String wanted = call.request().getHeader("range");
    @Nullable String only = call.request().getHeader("if-range");
    return wanted == null || (only != null && !only.equals(tag))
        ? Optional.empty()
        : ByteRange.parse(wanted, bytes);
  }

  /**
   * A name in ASCII and, where that is not the whole of it, in UTF-8.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6266">RFC 6266</a>
   */
  private static String disposition(String filename) {
    String plain = filename.replaceAll("[^A-Za-z0-9 ._()-]", "_");
    if (plain.equals(filename)) {
      return "attachment; filename=\"" + plain + "\"";
    }
    StringBuilder encoded = new StringBuilder();
    for (byte b : filename.getBytes(StandardCharsets.UTF_8)) {
      boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
      encoded.append(letter ? String.valueOf((char) b) : "%%%02X".formatted(b & 0xff));
    }
    return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + encoded;
  }
}
