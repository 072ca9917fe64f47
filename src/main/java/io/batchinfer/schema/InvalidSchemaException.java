package io.batchinfer.schema;

/** A text is not an answer schema. The message says why, as a clause without a full stop. */
public final class InvalidSchemaException extends Exception {
  private static final long serialVersionUID = 1;

  public InvalidSchemaException(String words) {
    super(words);
  }

  InvalidSchemaException(String words, Throwable cause) {
    super(words, cause);
  }

  /** What is wrong, as a clause without a full stop. */
  public String words() {
    return String.valueOf(getMessage());
  }
}
