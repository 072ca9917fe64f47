package io.batchinfer.engine.plan;

import io.batchinfer.estimate.TokenEstimate;

/**
 * What a set of requests asks of one model.
 *
 * @param requests that are sent
 * @param tokens of these
 * @param cached prompt tokens among them that a cache of the endpoint has, where rows that begin
 *     alike go out one after the other
 * @param equal tokens of requests that get the answer of an equal one
 * @param reused tokens of requests that get an answer of an earlier output
 * @param resultBytes about how many bytes the result lines of all will have
 */
public record ModelLoad(
    long requests,
    TokenEstimate tokens,
    long cached,
    TokenEstimate equal,
    TokenEstimate reused,
    long resultBytes) {
  static final ModelLoad NONE =
      new ModelLoad(0, TokenEstimate.NONE, 0, TokenEstimate.NONE, TokenEstimate.NONE, 0);

  /** Of one request that is sent. */
  static ModelLoad sent(TokenEstimate tokens, long resultBytes) {
    return new ModelLoad(1, tokens, 0, TokenEstimate.NONE, TokenEstimate.NONE, resultBytes);
  }

  /** Of one request that gets the answer of an equal one: it is written and not paid. */
  static ModelLoad equal(TokenEstimate tokens, long resultBytes) {
    return new ModelLoad(0, TokenEstimate.NONE, 0, tokens, TokenEstimate.NONE, resultBytes);
  }

  /** Of one request that gets an answer of an earlier output. */
  static ModelLoad reused(TokenEstimate tokens, long resultBytes) {
    return new ModelLoad(0, TokenEstimate.NONE, 0, TokenEstimate.NONE, tokens, resultBytes);
  }

  /** The same with prompt tokens that come from a cache. */
  ModelLoad withCached(long promptTokens) {
    return new ModelLoad(requests, tokens, promptTokens, equal, reused, resultBytes);
  }

  ModelLoad plus(ModelLoad other) {
    return new ModelLoad(
        requests + other.requests,
        tokens.plus(other.tokens),
        cached + other.cached,
        equal.plus(other.equal),
        reused.plus(other.reused),
        resultBytes + other.resultBytes);
  }
}
