package io.batchinfer.quota;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Rows of the rate that a process may send, each from its own moment on. One that cannot be spent
 * soon after its moment lapses: what was not sent in time is not caught up. Not thread-safe.
 */
final class Permits {
  private static final Duration LAPSE = Duration.ofMillis(50);

  private record Permit(long at, long tokens) {}

  private final ArrayDeque<Permit> permits = new ArrayDeque<>();
  private long receivedTokens;

  void add(long at, long tokens) {
    permits.addLast(new Permit(at, tokens));
    receivedTokens += tokens;
  }

  int size() {
    return permits.size();
  }

  /** Tokens received that were not given back. */
  long receivedTokens() {
    return receivedTokens;
  }

  /** The moment of the next permit, or {@link Long#MAX_VALUE}. */
  long next(long now) {
    while (!permits.isEmpty() && permits.element().at < now - LAPSE.toNanos()) {
      receivedTokens -= permits.remove().tokens;
    }
    return permits.isEmpty() ? Long.MAX_VALUE : permits.element().at;
  }

  /** Spends the next permit, whose moment has come; returns its tokens. */
  long take() {
    return permits.remove().tokens;
  }

  /** Gives everything back, because it cannot be spent. */
  void giveBackAll() {
    while (!permits.isEmpty()) {
      receivedTokens -= permits.remove().tokens;
    }
  }
}
