package io.batchinfer.model.endpoint;

/** Documents in the order in which they answer a query. */
final class Rerank extends Endpoint {
  Rerank() {
    super("/v1/rerank", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}
