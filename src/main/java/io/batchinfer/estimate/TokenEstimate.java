package io.batchinfer.estimate;

/**
 * Tokens that requests will probably use; estimates of several requests add up.
 *
 * @param promptTokens estimated tokens of the prompts
 * @param uncertainPromptTokens those of them counted with a stand-in: another model's vocabulary,
 *     or a constant for images and other media
 * @param expectedCompletionTokens what the answers will probably hold
 * @param maxCompletionTokens the most they may hold, or are assumed to where no limit is stated
 */
public record TokenEstimate(
    long promptTokens,
    long uncertainPromptTokens,
    long expectedCompletionTokens,
    long maxCompletionTokens) {
  public static final TokenEstimate NONE = new TokenEstimate(0, 0, 0, 0);

  public long expectedTotal() {
    return promptTokens + expectedCompletionTokens;
  }

  public TokenEstimate plus(TokenEstimate other) {
    return new TokenEstimate(
        promptTokens + other.promptTokens,
        uncertainPromptTokens + other.uncertainPromptTokens,
        expectedCompletionTokens + other.expectedCompletionTokens,
        maxCompletionTokens + other.maxCompletionTokens);
  }

  /** The same for more or fewer requests, such as when a sample stands for the whole. */
  public TokenEstimate times(double factor) {
    return new TokenEstimate(
        Math.round(promptTokens * factor),
        Math.round(uncertainPromptTokens * factor),
        Math.round(expectedCompletionTokens * factor),
        Math.round(maxCompletionTokens * factor));
  }
}
