package io.batchinfer.time;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that goes on as a ticker does, for libraries that measure spans with a clock: nobody can
 * set it. Its date means nothing.
 */
public final class TickerClock extends Clock {
  private final Ticker ticker;
  private final ZoneId zone;

  public TickerClock(Ticker ticker) {
    this(ticker, ZoneOffset.UTC);
  }

  private TickerClock(Ticker ticker, ZoneId zone) {
    this.ticker = ticker;
    this.zone = zone;
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  @Override
  public Clock withZone(ZoneId other) {
    return new TickerClock(ticker, other);
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochSecond(0, ticker.nanos());
  }
}
