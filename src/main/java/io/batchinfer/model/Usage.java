package io.batchinfer.model;

import java.util.Objects;

/**
 * Tokens that an answer reports, or zeros where it reports none, and what they cost.
 *
 * @param cachedTokens prompt tokens that the endpoint had in its cache, among the prompt tokens
 * @param reasoningTokens completion tokens that the answer does not show, among the completion
 *     tokens
 * @param cost nothing until the tokens were priced
 * @param cacheDiscount what the cached tokens would have cost more, had they not been in the cache,
 *     in billionths of the currency's unit; 0 where that is not known
 */
public record Usage(
    long promptTokens,
    long completionTokens,
    long cachedTokens,
    long reasoningTokens,
    Cost cost,
    long cacheDiscount) {
  public static final Usage NONE = new Usage(0, 0);

  public Usage {
    // Records that an earlier version stored have none.
    cost = Objects.requireNonNullElse(cost, Cost.NONE);
  }

  /** Tokens whose cached ones, if any, cost as much as the others. */
  public Usage(
      long promptTokens,
      long completionTokens,
      long cachedTokens,
      long reasoningTokens,
      Cost cost) {
    this(promptTokens, completionTokens, cachedTokens, reasoningTokens, cost, 0);
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
    return new Usage(
        promptTokens, completionTokens, cachedTokens, reasoningTokens, priced, cacheDiscount);
  }

  /** The same tokens at the same cost, of which a cache took off so much. */
  public Usage withCacheDiscount(long billionths) {
    return new Usage(
        promptTokens, completionTokens, cachedTokens, reasoningTokens, cost, billionths);
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
            cost.unpriced() - earlier.cost.unpriced()),
        cacheDiscount - earlier.cacheDiscount);
  }

  public Usage plus(Usage other) {
    return new Usage(
        Saturating.sum(promptTokens, other.promptTokens),
        Saturating.sum(completionTokens, other.completionTokens),
        Saturating.sum(cachedTokens, other.cachedTokens),
        Saturating.sum(reasoningTokens, other.reasoningTokens),
        cost.plus(other.cost),
        Saturating.sum(cacheDiscount, other.cacheDiscount));
  }
}
