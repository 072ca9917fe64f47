package io.batchinfer.quota;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * Rows of the rate that a process may send, each from its own moment on. One that cannot be spent
 * soon after its moment lapses: what was not sent in time is not caught up. Not thread-safe.
 */
final class Permits {
  private static final Duration LAPSE = Duration.ofMillis(50);

  private record Permit(long at, long tokens) {}

  private final ArrayDeque<Permit> permits = new ArrayDeque<>();
  private long spareTokens;
  private long receivedRows;
  private long receivedTokens;

  void add(long at, long tokens) {
    permits.addLast(new Permit(at, tokens));
    receivedRows++;
    receivedTokens += tokens;
  }

  int size() {
    return permits.size();
  }

  /** Rows received that were not given back. */
  long receivedRows() {
    return receivedRows;
  }

  /** Tokens received that were not given back. */
  long receivedTokens() {
    return receivedTokens;
  }

  /** The moment of the next permit, or {@link Long#MAX_VALUE}. */
  long next() {
    return permits.isEmpty() ? Long.MAX_VALUE : permits.element().at;
  }

  /**
   * Spends one row if its moment has come; one that costs more than twice what was granted for it
   * takes the permits of later ones along.
   *
   * @return tokens taken for it, at most its cost; empty when it cannot go yet
   */
  OptionalLong take(long cost, long now) {
    lapse(now);
    int needed = 0;
    long tokens = spareTokens;
    for (Permit permit : permits) {
      if (permit.at > now) {
        break;
      }
      tokens += permit.tokens;
      needed++;
      if (2 * tokens >= cost) {
        break;
      }
    }
    if (needed == 0 || 2 * tokens < cost) {
      return OptionalLong.empty();
    }
    for (int i = 0; i < needed; i++) {
      permits.remove();
    }
    receivedRows -= needed - 1;
    long taken = Math.min(tokens, cost);
    spareTokens = tokens - taken;
    return OptionalLong.of(taken);
  }

  /** Whether rows of these costs, one for each permit, could go with what was granted. */
  boolean cover(long[] costs) {
    long granted = spareTokens;
    for (Permit permit : permits) {
      granted += permit.tokens;
    }
    long needed = 0;
    for (long cost : costs) {
      needed += cost;
    }
    return 2 * granted >= needed;
  }

  private void lapse(long now) {
    while (!permits.isEmpty() && permits.element().at < now - LAPSE.toNanos()) {
      giveBack(permits.remove());
    }
  }

  /** Gives everything back, because it cannot be spent. */
  void giveBackAll() {
    while (!permits.isEmpty()) {
      giveBack(permits.remove());
    }
    giveBackSpare();
  }

  /** Gives tokens back that rows cost less than was granted for them. */
  void giveBackSpare() {
    receivedTokens -= spareTokens;
    spareTokens = 0;
  }

  private void giveBack(Permit permit) {
    receivedRows--;
    receivedTokens -= permit.tokens;
  }
}
