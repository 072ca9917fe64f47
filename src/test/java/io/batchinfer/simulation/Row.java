package io.batchinfer.simulation;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row and what it costs, in the form in which it travels through the stack: as bytes.
 *
 * @param estimatedTokens what the sender expects it to cost
 */
record Row(int number, int promptTokens, int answerTokens, long estimatedTokens) {
  int tokens() {
    return promptTokens + answerTokens;
  }

  OutboundRequest request() {
    byte[] body =
        ByteBuffer.allocate(12).putInt(number).putInt(promptTokens).putInt(answerTokens).array();
    return new OutboundRequest(
        "/v1/chat/completions", new OutboundRequest.Json(body), Map.of(), estimatedTokens);
  }

  static Row of(OutboundRequest request) {
    ByteBuffer body = ByteBuffer.wrap(((OutboundRequest.Json) request.entity()).content());
    return new Row(body.getInt(), body.getInt(), body.getInt(), request.estimatedTokens());
  }

  Reply answer() {
    return new Reply(
        200,
        ReplyHeaders.NONE,
        ByteBuffer.allocate(8).putInt(promptTokens).putInt(answerTokens).array());
  }

  static Reply refusal(int status, @Nullable String retryAfterSeconds) {
    return new Reply(
        status, name -> name.equals("retry-after") ? retryAfterSeconds : null, new byte[0]);
  }

  /** What a body says: an answer its tokens, perhaps those that were cached, a refusal nothing. */
  static ReplyFacts facts(byte[] body) {
    ByteBuffer content = ByteBuffer.wrap(body);
    Usage usage = Usage.NONE;
    if (body.length > 0) {
      int prompt = content.getInt();
      int completion = content.getInt();
      usage = new Usage(prompt, completion, content.hasRemaining() ? content.getInt() : 0, 0);
    }
    return new ReplyFacts(true, usage, "", "scripted");
  }
}
