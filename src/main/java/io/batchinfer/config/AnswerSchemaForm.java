package io.batchinfer.config;

import java.util.Locale;

/** How an endpoint is told in a request what schema its answer is to fit. */
public enum AnswerSchemaForm {
  /**
   * As the endpoint's inventor has it: {@code response_format} of chats, {@code text.format} of
   * OpenAI's responses, {@code output_config.format} of Anthropic's messages.
   */
  STANDARD,
  /** {@code response_format} of type {@code json_object} with a {@code schema}. */
  JSON_OBJECT_SCHEMA,
  /** {@code response_format} of type {@code json_object} with a {@code value}. */
  JSON_OBJECT_VALUE,
  /** A field {@code guided_json}. */
  GUIDED_JSON,
  /** A field {@code structured_outputs} with a field {@code json}. */
  STRUCTURED_OUTPUTS,
  /** A field {@code json_schema}. */
  JSON_SCHEMA,
  /** A field {@code format}. */
  FORMAT;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
