package io.batchinfer.policy;

/**
 * A rate as a timetable: every unit gets its own moment, evenly spaced, so that no window of any
 * length sees more than its share. Moments that pass unused are gone; nothing is saved up beyond
 * the slack. Not thread-safe.
 */
public final class PacedRate {
  private final double nanosPerUnit;
  private final long slackNanos;
  private long next;

  /**
   * @param perMinute units per minute, above zero
   * @param slackNanos how much of unused time may still be used
   * @param from first moment, in ticker nanoseconds
   */
  public PacedRate(double perMinute, long slackNanos, long from) {
    if (!(perMinute > 0)) {
      throw new IllegalArgumentException("a rate is above zero, not " + perMinute);
    }
    this.nanosPerUnit = 60e9 / perMinute;
    this.slackNanos = slackNanos;
    this.next = from;
  }

  /** The next free moment; in the past by at most the slack. */
  public long next(long now) {
    next = Math.max(next, now - slackNanos);
    return next;
  }

  /** Takes units from that moment on, which is not before the next free one. */
  public void take(double units, long at) {
    next = Math.max(next, at) + (long) (units * nanosPerUnit);
  }

  /** Gives units back, or charges them when negative. */
  public void refund(double units, long now) {
    next = Math.max(next - (long) (units * nanosPerUnit), now - slackNanos);
  }

  /** Units that fit into a stretch of time. */
  public double unitsIn(long nanos) {
    return (double) nanos / nanosPerUnit;
  }
}
