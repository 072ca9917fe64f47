package io.batchinfer.model.endpoint;

/** What a top-level field of a request's body is to the model. */
public enum RequestField {
  /** A conversation, or one prompt, whatever its items. */
  PROMPT,
  /** A prompt, or several: each text and each list of tokens stands for itself. */
  PROMPTS,
  /** Other text that the model reads. */
  TEXT,
  /** Tools that the model may use. */
  TOOLS,
  /** JSON that the model reads as it is written. */
  SCHEMA,
  /** An image, a sound, a document. */
  MEDIA,
  /** The most tokens that an answer may have. */
  ANSWER_LIMIT,
  /** How many answers there are for each prompt. */
  ANSWERS,
  /** An object with more of these fields. */
  NESTED,
  /** Anything else. */
  OTHER
}
