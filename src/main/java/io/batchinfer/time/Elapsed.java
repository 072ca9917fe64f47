package io.batchinfer.time;

import java.time.Clock;
import java.time.Duration;

/**
 * Elapsed time as the larger of wall clock and ticker. A ticker may stand still while a machine is
 * suspended and a wall clock may be set back; whoever must not act too late trusts the larger one.
 */
public final class Elapsed {
  private final Ticker ticker;
  private final Clock clock;

  public Elapsed(Ticker ticker, Clock clock) {
    this.ticker = ticker;
    this.clock = clock;
  }

  /** A point in time to measure from. */
  public record Mark(long nanos, long wallMillis) {}

  public Mark mark() {
    return new Mark(ticker.nanos(), clock.millis());
  }

  public Duration since(Mark mark) {
    long ticked = ticker.nanos() - mark.nanos();
    long wall = (clock.millis() - mark.wallMillis()) * 1_000_000L;
    return Duration.ofNanos(Math.max(ticked, wall));
  }
}
