package io.batchinfer.model;

/**
 * Tokens that an answer reports, or zeros where it reports none.
 *
 * @param cachedTokens prompt tokens that the endpoint had in its cache, among the prompt tokens
 * @param reasoningTokens completion tokens that the answer does not show, among the completion
 *     tokens
 */
public record Usage(
    long promptTokens, long completionTokens, long cachedTokens, long reasoningTokens) {
  public static final Usage NONE = new Usage(0, 0);

  /** Tokens without details. */
  public Usage(long promptTokens, long completionTokens) {
    this(promptTokens, completionTokens, 0, 0);
  }

  public long total() {
    return promptTokens + completionTokens;
  }

  public Usage plus(Usage other) {
    return new Usage(
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        cachedTokens + other.cachedTokens,
        reasoningTokens + other.reasoningTokens);
  }
}
