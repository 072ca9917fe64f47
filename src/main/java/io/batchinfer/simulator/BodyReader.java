package io.batchinfer.simulator;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Collects a JSON body up to the longest one allowed. */
final class BodyReader {
  private final SimulatedExchange exchange;
  private final List<Buffer> chunks = new ArrayList<>(1);
  private long length;

  BodyReader(SimulatedExchange exchange) {
    this.exchange = exchange;
  }

  void read() {
    exchange.request().handler(this::receive).endHandler(ended -> finish());
  }

  private void receive(Buffer chunk) {
    length += chunk.length();
    if (isTooLong()) {
      chunks.clear();
      exchange.refuseUnread(Fault.HTTP_413.refusal());
    } else {
      chunks.add(chunk);
    }
  }

  private void finish() {
    if (isTooLong() || exchange.isEnded()) {
      return;
    }
    byte[] body = new byte[(int) length];
    int at = 0;
    for (Buffer chunk : chunks) {
      chunk.getBytes(body, at);
      at += chunk.length();
    }
    exchange.received(body, RequestReader::read);
  }

  private boolean isTooLong() {
    return length > exchange.settings().maximumRequestBytes();
  }
}
