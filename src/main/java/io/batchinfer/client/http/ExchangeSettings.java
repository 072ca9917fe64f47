package io.batchinfer.client.http;

import io.batchinfer.client.OutboundRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.MultiMap;
import io.vertx.core.internal.buffer.BufferInternal;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What all exchanges with one endpoint have in common. */
record ExchangeSettings(
    RequestHeads heads,
    RequestHeaders headers,
    long maxResponseBytes,
    Duration requestTimeout,
    BooleanSupplier fence,
    Failures failures) {

  boolean maySend() {
    return fence.getAsBoolean();
  }

  /**
   * The request as it is written, its body shared and not copied.
   *
   * @throws IllegalArgumentException when a header of the request is not safe to send
   */
  OutboundMessage message(OutboundRequest request, MultiMap emptyHeaders) {
    String contentType;
    ByteBuf content;
    if (request.entity() instanceof OutboundRequest.Multipart form) {
      MultipartBody multipart = MultipartBody.of(form);
      contentType = multipart.contentType();
      content = multipart.content();
    } else {
      contentType = "application/json";
      content = Unpooled.wrappedBuffer(((OutboundRequest.Json) request.entity()).content());
    }
    headers.writeTo(emptyHeaders, request, contentType, content.readableBytes());
    return new OutboundMessage(
        heads.post(request.path(), emptyHeaders), BufferInternal.buffer(content));
  }
}
