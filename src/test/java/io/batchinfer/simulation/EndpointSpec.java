package io.batchinfer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What one modelled endpoint can do, and what goes wrong with it. */
final class EndpointSpec {
  /** When tokens count against the limit per minute. */
  enum Charge {
    AT_ADMISSION,
    AT_COMPLETION
  }

  int slots = 100_000;
  int queue = Integer.MAX_VALUE;

  /** Connections that it serves at once, 0 for any number. */
  int connections;

  ServiceTime service = ServiceTime.fixed(0.3);
  boolean batched;
  int requestsPerSecond;
  long tokensPerMinute;
  Charge charge = Charge.AT_ADMISSION;
  @Nullable Duration retryAfter;
  IntPredicate killers = row -> false;
  double restartSeconds;
  boolean behindGateway;
  final List<FaultPeriod> faults = new ArrayList<>();

  /** That many at once, each for that long, and any number waiting. */
  static EndpointSpec slots(int slots, ServiceTime service) {
    EndpointSpec spec = new EndpointSpec();
    spec.slots = slots;
    spec.service = service;
    return spec;
  }

  static EndpointSpec unbounded(ServiceTime service) {
    EndpointSpec spec = new EndpointSpec();
    spec.service = service;
    return spec;
  }

  /**
   * Like vLLM: a token takes 20 ms with one request running and 40 ms with 256, so that more at
   * once is slower for each and faster for all, up to 256; the rest waits without a bound.
   */
  static EndpointSpec batching() {
    EndpointSpec spec = slots(256, ServiceTime.fixed(0));
    spec.batched = true;
    return spec;
  }

  /** Serves so many connections at once, each for as long as it is kept busy. */
  EndpointSpec connections(int threads) {
    connections = threads;
    return this;
  }

  /** 503 beyond that many waiting. */
  EndpointSpec queue(int waiting) {
    queue = waiting;
    return this;
  }

  /** 429 beyond that many in a second of the clock. */
  EndpointSpec requestsPerSecond(int limit) {
    requestsPerSecond = limit;
    return this;
  }

  /** 429 beyond that many in the last 60 seconds. */
  EndpointSpec tokensPerMinute(long limit, Charge when) {
    tokensPerMinute = limit;
    charge = when;
    return this;
  }

  /** What comes with every 429 and 503. */
  EndpointSpec retryAfter(Duration pause) {
    retryAfter = pause;
    return this;
  }

  /** Dies of these rows, with everything under way, and is back after that time. */
  EndpointSpec killedBy(IntPredicate rows, double backAfterSeconds) {
    killers = rows;
    restartSeconds = backAfterSeconds;
    return this;
  }

  /** Behind something that answers 502 while it is down, and for what it takes along. */
  EndpointSpec behindGateway() {
    behindGateway = true;
    return this;
  }

  EndpointSpec fault(FaultPeriod.Kind kind, double fromSecond, double toSecond) {
    faults.add(new FaultPeriod(kind, fromSecond, toSecond));
    return this;
  }
}
