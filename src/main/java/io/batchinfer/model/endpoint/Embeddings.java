package io.batchinfer.model.endpoint;

import java.util.Optional;

/** Vectors of texts. */
final class Embeddings extends Endpoint {
  Embeddings() {
    super("/v1/embeddings", AnswerFields.COMPLETION);
  }

  @Override
  public boolean writesText() {
    return false;
  }

  @Override
  public Optional<String> vectorEncodingField() {
    return Optional.of("encoding_format");
  }

  @Override
  public Optional<String> inputsField() {
    return Optional.of("input");
  }

  @Override
  public Optional<RequestContent> content() {
    return Optional.of(RequestContent.text("input"));
  }
}
