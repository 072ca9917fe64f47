package io.batchinfer.time;

import java.time.Clock;
import java.time.Duration;

/**
 * Elapsed time as the larger of wall clock and ticker. A ticker may stand still while a machine is
 * suspended and a wall clock may be set back; whoever must not act too late trusts the larger one,
 * a challenger the smaller.
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
    return Duration.ofNanos(Math.max(ticked(mark), wall(mark)));
  }

  /** The smaller of both, for whoever must not act too early: a wall clock may be set forward. */
  public Duration atLeastSince(Mark mark) {
    return Duration.ofNanos(Math.min(ticked(mark), wall(mark)));
  }

  private long ticked(Mark mark) {
    return ticker.nanos() - mark.nanos();
  }

  private long wall(Mark mark) {
    return (clock.millis() - mark.wallMillis()) * 1_000_000L;
  }
}
