package io.batchinfer.model;

import java.util.Objects;

/**
 * Tokens that an answer reports, or zeros where it reports none, and what they cost.
 *
 * @param cachedTokens prompt tokens that the endpoint had in its cache, among the prompt tokens
 * @param reasoningTokens completion tokens that the answer does not show, among the completion
 *     tokens
 * @param cost nothing until the tokens were priced
 */
public record Usage(
    long promptTokens, long completionTokens, long cachedTokens, long reasoningTokens, Cost cost) {
  public static final Usage NONE = new Usage(0, 0);

  public Usage {
    // Records that an earlier version stored have none.
    cost = Objects.requireNonNullElse(cost, Cost.NONE);
  }

  /** Tokens without details. */
  public Usage(long promptTokens, long completionTokens) {
    this(promptTokens, completionTokens, 0, 0);
  }

  /** Tokens that are not priced. */
  public Usage(long promptTokens, long completionTokens, long cachedTokens, long reasoningTokens) {
    this(promptTokens, completionTokens, cachedTokens, reasoningTokens, Cost.NONE);
  }

  public long total() {
    return Saturating.sum(promptTokens, completionTokens);
  }

  /** The same tokens at that cost. */
  public Usage at(Cost priced) {
    return new Usage(promptTokens, completionTokens, cachedTokens, reasoningTokens, priced);
  }

  /** What came after an earlier sum. */
  public Usage minus(Usage earlier) {
    return new Usage(
        promptTokens - earlier.promptTokens,
        completionTokens - earlier.completionTokens,
        cachedTokens - earlier.cachedTokens,
        reasoningTokens - earlier.reasoningTokens,
        new Cost(
            cost.billionths() - earlier.cost.billionths(),
            cost.unpriced() - earlier.cost.unpriced()));
  }

  public Usage plus(Usage other) {
    return new Usage(
        Saturating.sum(promptTokens, other.promptTokens),
        Saturating.sum(completionTokens, other.completionTokens),
        Saturating.sum(cachedTokens, other.cachedTokens),
        Saturating.sum(reasoningTokens, other.reasoningTokens),
        cost.plus(other.cost));
  }
}
