package io.batchinfer.model.endpoint;

/** Labels of what may be harmful in texts. */
final class Moderations extends Endpoint {
  Moderations() {
    super("/v1/moderations", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}
