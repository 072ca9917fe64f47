package io.batchinfer.model.endpoint;

import java.util.Optional;

/** Labels of texts by a trained classifier. */
final class Classifications extends Endpoint {
  Classifications() {
    super("/v1/classifications", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(RequestContent.text("input"));
  }
}
