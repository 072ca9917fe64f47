package io.batchinfer.model.endpoint;

/** OpenAI's responses. */
final class Responses extends Endpoint {
  Responses() {
    super("/v1/responses", AnswerFields.RESPONSE);
  }
}
