package io.batchinfer.engine;

import io.batchinfer.row.ParsedLine.Request;

/** A request's tokens as far as its size shows: good enough to pace, not to bill. */
public final class TokenGuess {
  private static final int BYTES_PER_TOKEN = 4;

  /** Tokens of an answer whose request names no limit. */
  private static final int USUAL_ANSWER = 256;

  private TokenGuess() {}

  public static long of(Request request) {
    int answer = request.answerTokens() > 0 ? request.answerTokens() : USUAL_ANSWER;
    return ofPrompt(request) + answer;
  }

  /** The tokens of the request alone. */
  public static long ofPrompt(Request request) {
    return (long) request.body().length / BYTES_PER_TOKEN;
  }
}
