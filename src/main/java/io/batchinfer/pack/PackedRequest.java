package io.batchinfer.pack;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.Saturating;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes one request of several rows' whose requests are alike. */
final class PackedRequest {
  /** What the key of a pack is told by from that of a row. */
  private static final String OF_PACK = "pack";

  private PackedRequest() {}

  /**
   * The request that holds the inputs of all, in order, as their own requests spell them.
   *
   * @param rows two or more, alike
   */
  static OutboundRequest of(List<Packable> rows) {
    OutboundRequest first = rows.get(0).request();
    Likeness likeness = rows.get(0).likeness();
    ByteArrayOutputStream body = new ByteArrayOutputStream(size(rows, likeness));
    body.writeBytes(likeness.before());
    char between = '[';
    long tokens = 0;
    for (Packable row : rows) {
      body.write(between);
      row.writeInput(body);
      between = ',';
      tokens = Saturating.sum(tokens, row.request().estimatedTokens());
    }
    body.write(']');
    body.writeBytes(likeness.behind());
    return new OutboundRequest(
        first.path(),
        new OutboundRequest.Json(body.toByteArray()),
        headers(rows),
        first.model(),
        tokens);
  }

  private static int size(List<Packable> rows, Likeness likeness) {
    int bytes = likeness.before().length + likeness.behind().length + 2;
    for (Packable row : rows) {
      bytes += row.bytes() + 1;
    }
    return bytes;
  }

  /** The same rows in the same order have the same key, and no others have it. */
  private static Map<String, String> headers(List<Packable> rows) {
    Map<String, String> headers = new HashMap<>(rows.get(0).request().headers());
    headers.computeIfPresent(
        OutboundRequest.IDEMPOTENCY_KEY,
        (name, unused) -> {
          Digest128 digest = new Digest128().add(OF_PACK).add(rows.size());
          for (Packable row : rows) {
            digest.add(row.request().headers().getOrDefault(name, ""));
          }
          return digest.finish().hex();
        });
    return headers;
  }
}
