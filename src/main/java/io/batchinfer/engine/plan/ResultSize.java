package io.batchinfer.engine.plan;

import io.batchinfer.estimate.TokenEstimate;
import io.batchinfer.model.endpoint.Endpoints;

/** About how long a result line will be: good enough to find room for the output. */
final class ResultSize {
  /** Envelope, ids, usage and the other fields around an answer. */
  private static final long AROUND_AN_ANSWER = 600;

  private static final long BYTES_PER_TOKEN = 4;

  /** A usual embedding has 1536 numbers of some twenty digits, or of four bytes in base64. */
  private static final long VECTOR_IN_DIGITS = 1536 * 21;

  private static final long VECTOR_IN_BASE64 = 1536 * 4 * 4 / 3;

  private final long vectorBytes;

  ResultSize(boolean base64) {
    this.vectorBytes = base64 ? VECTOR_IN_BASE64 : VECTOR_IN_DIGITS;
  }

  long of(String path, int prompts, TokenEstimate tokens) {
    return Endpoints.at(path).vectorEncodingField().isPresent()
        ? AROUND_AN_ANSWER + prompts * vectorBytes
        : AROUND_AN_ANSWER + tokens.expectedCompletionTokens() * BYTES_PER_TOKEN;
  }
}
