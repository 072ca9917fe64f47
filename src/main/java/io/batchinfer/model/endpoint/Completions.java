package io.batchinfer.model.endpoint;

import java.util.Optional;
import java.util.OptionalLong;

/** Plain completions of prompts. */
final class Completions extends Endpoint {
  /** What the endpoint itself takes where the request states no limit. */
  private static final int UNSTATED_LIMIT = 16;

  Completions() {
    super("/v1/completions", AnswerFields.COMPLETION);
  }

  @Override
  public OptionalLong unstatedAnswerLimit() {
    return OptionalLong.of(UNSTATED_LIMIT);
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(RequestContent.text("prompt"));
  }
}
