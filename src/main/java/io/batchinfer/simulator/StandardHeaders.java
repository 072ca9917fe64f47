package io.batchinfer.simulator;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** The headers that every answer carries. */
final class StandardHeaders {
  private static final CharSequence NAME = HttpHeaders.createOptimized(SimulatedBy.HEADER);
  private static final CharSequence VALUE = HttpHeaders.createOptimized(SimulatedBy.HEADER_VALUE);
  private static final CharSequence SERVER = HttpHeaders.createOptimized(SimulatedBy.FINGERPRINT);

  private StandardHeaders() {}

  static void write(MultiMap headers) {
    headers.set(NAME, VALUE);
    headers.set(HttpHeaders.SERVER, SERVER);
  }
}
