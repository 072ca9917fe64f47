package io.batchinfer.quota;

/**
 * The limits of an endpoint as they hold at a moment, and what bounds how fast a run sends there.
 *
 * @param slots attempts that may be under way at once, over all runs
 * @param requestsPerMinute 0 for no limit
 * @param tokensPerMinute 0 for no limit
 */
public record RateState(int slots, double requestsPerMinute, double tokensPerMinute, Bound bound) {

  /** What a run waits for. */
  public enum Bound {
    /** The next request of the timetable. */
    REQUESTS,
    /** The tokens of the next request. */
    TOKENS,
    /** One of the attempts under way to end. */
    CONCURRENCY,
    /** The end of a pause that the endpoint asked for. */
    PAUSE,
    /** The endpoint to come back. */
    ENDPOINT_AWAY,
    /** A row to be sent. */
    ROWS,
    /** Nothing. */
    NONE
  }
}
