package io.batchinfer.config;

import java.util.List;

/** How much goes out at a time. Rates and concurrency are cluster-wide. */
public final class RateOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.RATES);

  public static final Option<Integer> CONCURRENCY =
      OPTIONS.add(
          Option.integer("concurrency").atLeast(1),
          "Most requests in flight at a time over the whole cluster; without it the run finds"
              + " out by itself how many the endpoint can handle.");

  public static final Option<Long> REQUESTS_PER_MINUTE =
      OPTIONS.add(
          Option.longNumber("requests-per-minute").atLeast(1L),
          "Most requests per minute over the whole cluster.");

  public static final Option<Long> TOKENS_PER_MINUTE =
      OPTIONS.add(
          Option.longNumber("tokens-per-minute").atLeast(1L),
          "Most prompt and completion tokens per minute over the whole cluster.");

  public static final Option<Integer> EMBED_BATCH =
      OPTIONS.add(
          Option.integer("embed-batch").defaultsTo(1).atLeast(1).atMost(2048),
          "Most rows of embeddings that go in one request, for an endpoint whose input takes"
              + " arrays; each row keeps its own result. Rows that differ in more than their"
              + " input, or have several inputs, go alone.");

  public static final Option<Long> MAX_RESPONSE_BYTES =
      OPTIONS.add(
          Option.bytes("max-response-bytes").defaultsTo(64L << 20).atLeast(1L).atMost(1L << 30),
          "A larger answer is cut off and becomes an error.");

  private RateOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
