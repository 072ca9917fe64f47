package io.batchinfer.model.endpoint;

import org.jspecify.annotations.Nullable;

/**
 * Where a request has what is asked.
 *
 * @param field top-level field of the question
 * @param messages whether the field holds messages with roles, rather than a text
 * @param systemField top-level field of the system's text; null where that is one of the messages,
 *     or has no place at all
 * @param images how images go with the question
 */
public record RequestContent(
    String field, boolean messages, @Nullable String systemField, ImageParts images) {

  /** How images stand in the parts of a message. */
  public enum ImageParts {
    /** There is no place for them. */
    NONE,
    /** {@code image_url} with {@code url}, as in OpenAI's chats. */
    IMAGE_URL,
    /** {@code input_image}, as in OpenAI's responses. */
    INPUT_IMAGE,
    /** {@code image} with {@code source}, as in Anthropic's messages. */
    SOURCE
  }

  /** A text that is all of the question. */
  static RequestContent text(String field) {
    return new RequestContent(field, false, null, ImageParts.NONE);
  }

  /** Whether a system's text has a place. */
  public boolean takesSystem() {
    return messages || systemField != null;
  }
}
