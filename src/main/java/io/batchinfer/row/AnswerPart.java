package io.batchinfer.row;

/** What {@link ResultAnswer} can find in a result line; what nobody asks for is not looked for. */
public enum AnswerPart {
  /** What the model wrote. */
  TEXT,
  /** The vector of an embedding. */
  VECTOR,
  /** How the answer ended. */
  ENDING,
  /** Tokens. */
  USAGE,
  /** Why there is no answer. */
  ERROR,
  /** Where in the line the answer's body stands. */
  BODY
}
