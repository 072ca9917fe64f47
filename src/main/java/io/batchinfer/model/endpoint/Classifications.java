package io.batchinfer.model.endpoint;

/** Labels of texts by a trained classifier. */
final class Classifications extends Endpoint {
  Classifications() {
    super("/v1/classifications", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }
}
