package io.batchinfer.config;

import java.time.Duration;
import java.util.List;

/** How long to wait for the endpoint, and how often to ask again. */
public final class RetryOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.RETRIES);

  public static final Option<Duration> REQUEST_TIMEOUT =
      OPTIONS.add(
          Option.duration("request-timeout")
              .defaultsTo(Duration.ofMinutes(10))
              .atLeast(Duration.ofMillis(1)),
          "Longest wait for one answer, counted from the last byte of the request.");

  public static final Option<Duration> CONNECT_TIMEOUT =
      OPTIONS.add(
          Option.duration("connect-timeout")
              .defaultsTo(Duration.ofSeconds(10))
              .atLeast(Duration.ofMillis(1)),
          "Longest wait for one connection.");

  public static final Option<Integer> MAX_ATTEMPTS =
      OPTIONS.add(
          Option.integer("max-attempts").defaultsTo(5).atLeast(1),
          "Most attempts per request, including the first one.");

  public static final Option<Integer> RETRY_AMBIGUOUS =
      OPTIONS.add(
          Option.integer("retry-ambiguous").defaultsTo(1).atLeast(0),
          "How often a request that may have run already, and been paid for, is sent again.");

  public static final Option<Duration> MAX_COOL_DOWN =
      OPTIONS.add(
          Option.duration("max-cool-down")
              .defaultsTo(Duration.ofMinutes(15))
              .atLeast(Duration.ZERO),
          "Longest pause an endpoint may ask for, and longest time that it may be away,"
              + " without a connection or with nothing but 502 and 503; beyond it the job"
              + " stops, to be resumed later.");

  public static final Option<Duration> WAIT_FOR_ENDPOINT =
      OPTIONS.add(
          Option.duration("wait-for-endpoint").atLeast(Duration.ZERO),
          "How long to wait for the endpoint's first answer, even while its host has no"
              + " address or is not listening yet. Without it, four refused connections stop"
              + " the job, and the run waits through 503s for as long as --max-cool-down.");

  public static final Option<Duration> DRAIN_TIMEOUT =
      OPTIONS.add(
          Option.duration("drain-timeout")
              .defaultsTo(Duration.ofSeconds(25))
              .atLeast(Duration.ZERO),
          "Time an interrupted run gives the requests in flight before it flushes and" + " ends.");

  private RetryOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
