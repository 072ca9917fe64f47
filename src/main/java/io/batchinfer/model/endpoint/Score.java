package io.batchinfer.model.endpoint;

/** How similar texts are. */
final class Score extends Endpoint {
  Score() {
    super("/v1/score", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}
