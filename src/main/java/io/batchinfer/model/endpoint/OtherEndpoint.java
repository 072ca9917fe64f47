package io.batchinfer.model.endpoint;

/** An endpoint that the operator allows and of which nothing is known. */
final class OtherEndpoint extends Endpoint {
  OtherEndpoint() {
    super("", AnswerFields.ANY);
  }
}
