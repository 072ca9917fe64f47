package io.batchinfer.client.http;

/** An answer that HTTP does not allow; the message continues "an answer that is not valid:". */
final class InvalidAnswerException extends RuntimeException {
  InvalidAnswerException(String message) {
    super(message);
  }
}
