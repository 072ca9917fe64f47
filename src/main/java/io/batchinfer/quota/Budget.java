package io.batchinfer.quota;

/**
 * What a run may spend, in a unit of its own: tokens, or money by prices per token.
 *
 * @param left what may still be spent by this process of the program and its executors
 * @param perPromptToken units that a prompt token costs
 * @param perCompletionToken units that a completion token costs
 */
public record Budget(double left, double perPromptToken, double perCompletionToken) {
  double cost(long promptTokens, long completionTokens) {
    return promptTokens * perPromptToken + completionTokens * perCompletionToken;
  }
}
