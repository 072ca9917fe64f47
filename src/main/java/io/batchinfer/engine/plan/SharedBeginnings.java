package io.batchinfer.engine.plan;

import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How many prompt tokens of requests a cache of the endpoint serves, if those that begin alike go
 * out one after the other and the cache keeps the one before. Holds a 64th of the requests' bytes.
 * For one thread.
 */
final class SharedBeginnings {
  /** Hosted endpoints cache beginnings of at least so many tokens, */
  static final long LEAST_TOKENS = 1_024;

  /** and beyond that in steps of so many. */
  private static final long STEP = 128;

  private final List<Beginning> beginnings = new ArrayList<>();
  private final PromptPrefix prefixes = new PromptPrefix();

  private record Beginning(long[] blocks, double tokensPerBlock) {}

  void add(Request request, long promptTokens) {
    long[] blocks = prefixes.of(request);
    if (blocks.length > 0) {
      beginnings.add(
          new Beginning(
              blocks, (double) promptTokens * PromptPrefix.BLOCK / request.body().length));
    }
  }

  long cachedTokens() {
    beginnings.sort(Comparator.comparing(Beginning::blocks, Arrays::compare));
    long cached = 0;
    for (int i = 1; i < beginnings.size(); i++) {
      Beginning one = beginnings.get(i);
      long[] before = beginnings.get(i - 1).blocks();
      int mismatch = Arrays.mismatch(before, one.blocks());
      int common = mismatch < 0 ? one.blocks().length : mismatch;
      long tokens = (long) (common * one.tokensPerBlock());
      cached += tokens < LEAST_TOKENS ? 0 : tokens - tokens % STEP;
    }
    return cached;
  }
}
