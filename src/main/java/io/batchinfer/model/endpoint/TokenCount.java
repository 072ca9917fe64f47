package io.batchinfer.model.endpoint;

/** What a number among the tokens of an answer counts. */
public enum TokenCount {
  /** Tokens of the prompt. */
  PROMPT,
  /** Tokens of the answer. */
  COMPLETION,
  /** Tokens from a cache, among those of the prompt; stands in an object of details. */
  CACHED,
  /** Tokens of the prompt from a cache, which the prompt's number does not include. */
  CACHED_BESIDE,
  /** Other tokens of the prompt that its number does not include. */
  BESIDE,
  /** Tokens that the answer does not show, among its own; stands in an object of details. */
  REASONING
}
