package io.batchinfer.quota;

import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/**
 * What a run may spend, in a unit of its own: tokens, or money by prices per token.
 *
 * @param left what this process of the program and its executors may spend in all; asked again and
 *     again
 * @param perPromptToken units that a prompt token costs
 * @param perCompletionToken units that a completion token costs
 * @param spent is told what they have spent
 */
public record Budget(
    DoubleSupplier left, double perPromptToken, double perCompletionToken, DoubleConsumer spent) {

  /** A budget of the run alone. */
  public Budget(double left, double perPromptToken, double perCompletionToken) {
    this(() -> left, perPromptToken, perCompletionToken, amount -> {});
  }

  /** A part of what several runs may spend. */
  public Budget(SpendingCap.Share share, double perPromptToken, double perCompletionToken) {
    this(share::left, perPromptToken, perCompletionToken, share::spent);
  }

  double cost(long promptTokens, long completionTokens) {
    return promptTokens * perPromptToken + completionTokens * perCompletionToken;
  }
}
