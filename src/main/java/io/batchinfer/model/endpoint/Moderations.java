package io.batchinfer.model.endpoint;

import java.util.Optional;

/** Labels of what may be harmful in texts. */
final class Moderations extends Endpoint {
  Moderations() {
    super("/v1/moderations", AnswerFields.COMPLETION);
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
