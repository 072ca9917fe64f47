package io.batchinfer.client.http;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Requests for tests, and waiting for what comes of them. */
final class OutboundRequests {
  private OutboundRequests() {}

  static OutboundRequest chat(String body) {
    return chat(body.getBytes(UTF_8));
  }

  static OutboundRequest chat(byte[] body) {
    return new OutboundRequest(
        "/v1/chat/completions", new OutboundRequest.Json(body), Map.of(), body.length);
  }

  static OutboundRequest form(OutboundRequest.Part... parts) {
    return new OutboundRequest(
        "/v1/audio/transcriptions", new OutboundRequest.Multipart(List.of(parts)), Map.of(), 0);
  }

  static Reply replyTo(CompletionStage<Reply> sent) {
    return sent.toCompletableFuture().orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS).join();
  }

  static String text(Reply reply) {
    return new String(reply.body(), UTF_8);
  }

  static TransportException failureOf(CompletionStage<Reply> sent) {
    Throwable thrown = catchThrowable(() -> replyTo(sent));
    assertThat(thrown).isInstanceOf(CompletionException.class);
    if (thrown.getCause() instanceof TransportException failure) {
      return failure;
    }
    throw new AssertionError("not a TransportException", thrown);
  }
}
