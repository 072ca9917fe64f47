package io.batchinfer.pack;

import io.batchinfer.client.OutboundRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What the requests of one pack have in common: all but their inputs and the headers by which they
 * are known again. Bodies are compared byte by byte, so that what a field means is nobody's guess.
 */
final class Likeness {
  private final String path;
  private final String model;
  private final Packable.Kind kind;
  private final Map<String, String> headers;
  private final byte[] before;
  private final byte[] behind;
  private final int hash;

  private Likeness(
      String path,
      String model,
      Packable.Kind kind,
      Map<String, String> headers,
      byte[] before,
      byte[] behind) {
    this.path = path;
    this.model = model;
    this.kind = kind;
    this.headers = headers;
    this.before = before;
    this.behind = behind;
    this.hash = 31 * (31 * path.hashCode() + Arrays.hashCode(before)) + Arrays.hashCode(behind);
  }

  static Likeness of(Packable row) {
    OutboundRequest request = row.request();
    Map<String, String> headers = new HashMap<>(request.headers());
    headers.computeIfPresent(OutboundRequest.IDEMPOTENCY_KEY, (name, key) -> "");
    return new Likeness(
        request.path(), request.model(), row.kind(), headers, row.before(), row.behind());
  }

  /** The body of such a request up to its input. */
  byte[] before() {
    return before;
  }

  /** The body of such a request behind its input. */
  byte[] behind() {
    return behind;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Likeness that
        && hash == that.hash
        && kind == that.kind
        && path.equals(that.path)
        && model.equals(that.model)
        && headers.equals(that.headers)
        && Arrays.equals(before, that.before)
        && Arrays.equals(behind, that.behind);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
