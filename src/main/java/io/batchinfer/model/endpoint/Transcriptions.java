package io.batchinfer.model.endpoint;

import java.util.Optional;

/** Texts of sounds, which are sent as a form. */
final class Transcriptions extends Endpoint {
  Transcriptions() {
    super("/v1/audio/transcriptions", AnswerFields.COMPLETION);
  }

  @Override
  public Optional<String> fileField() {
    return Optional.of("file");
  }
}
