package io.batchinfer.engine.plan;

import io.batchinfer.estimate.TokenEstimate;

/**
 * What a set of requests asks of one model.
 *
 * @param resultBytes about how many bytes the result lines will have
 */
public record ModelLoad(long requests, TokenEstimate tokens, long resultBytes) {
  static final ModelLoad NONE = new ModelLoad(0, TokenEstimate.NONE, 0);

  ModelLoad plus(ModelLoad other) {
    return new ModelLoad(
        requests + other.requests, tokens.plus(other.tokens), resultBytes + other.resultBytes);
  }
}
