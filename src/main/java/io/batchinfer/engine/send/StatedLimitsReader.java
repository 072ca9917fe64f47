package io.batchinfer.engine.send;

import io.batchinfer.client.Reply;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the limits per minute that an endpoint states in its answers, by the names that OpenAI
 * (platform.openai.com/docs/guides/rate-limits) and Mistral use; many others have adopted them.
 */
final class StatedLimitsReader implements Function<Reply, StatedLimits> {
  private static final List<String> REQUESTS =
      List.of("x-ratelimit-limit-req-minute", "x-ratelimit-limit-requests");
  private static final List<String> TOKENS =
      List.of("x-ratelimit-limit-tokens-minute", "x-ratelimit-limit-tokens");

  @Override
  public StatedLimits apply(Reply reply) {
    long requests = first(reply, REQUESTS);
    long tokens = first(reply, TOKENS);
    return requests == 0 && tokens == 0 ? StatedLimits.NONE : new StatedLimits(requests, tokens);
  }

  private static long first(Reply reply, List<String> names) {
    for (String name : names) {
      long value = positive(reply.headers().get(name));
      if (value > 0) {
        return value;
      }
    }
    return 0;
  }

  /** Servers behind gateways state -1 or nothing sensible where they do not know. */
  private static long positive(@Nullable String value) {
    if (value == null) {
      return 0;
    }
    try {
      return Math.max(0, Long.parseLong(value.strip()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
