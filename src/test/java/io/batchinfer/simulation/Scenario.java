package io.batchinfer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** A cluster, its endpoints, what goes wrong, and what must hold all the same. */
final class Scenario {
  final String name;
  final String story;
  int concurrency = 64;
  long requestsPerMinute;
  long tokensPerMinute;
  Duration maxCoolDown = Duration.ofMinutes(15);
  Duration requestTimeout = Duration.ofSeconds(60);
  int executors = 4;
  int window = 64;
  double roundTripMillis = 1;
  double loss;
  int seconds;
  long seed = 1;
  Workload workload = Workload.rows(1_000_000);
  final List<EndpointSpec> endpoints = new ArrayList<>();
  final List<Disturbance> disturbances = new ArrayList<>();
  final List<Measure> measures = new ArrayList<>();

  Scenario(String name, String story, int seconds) {
    this.name = name;
    this.story = story;
    this.seconds = seconds;
  }

  /** Something that happens to processes or to the network at a time. */
  record Disturbance(double atSecond, java.util.function.Consumer<SimulatedRun> event) {}

  enum Bound {
    AT_LEAST,
    AT_MOST,
    /** A figure without a promise. */
    NONE
  }

  /**
   * A figure of the report.
   *
   * @param kept whether the promise holds today; if not, it is a goal and only reported
   */
  record Measure(
      String what, ToDoubleFunction<Judge> figure, Bound bound, double limit, boolean kept) {
    boolean holds(double value) {
      return switch (bound) {
        case AT_LEAST -> value >= limit;
        case AT_MOST -> value <= limit;
        case NONE -> true;
      };
    }
  }

  Scenario executors(int count) {
    executors = count;
    return this;
  }

  /** Rows that an executor holds at least. */
  Scenario window(int rows) {
    window = rows;
    return this;
  }

  Scenario concurrency(int limit) {
    concurrency = limit;
    return this;
  }

  Scenario requestsPerMinute(long limit) {
    requestsPerMinute = limit;
    return this;
  }

  Scenario tokensPerMinute(long limit) {
    tokensPerMinute = limit;
    return this;
  }

  Scenario requestTimeout(Duration timeout) {
    requestTimeout = timeout;
    return this;
  }

  /** Of the messages between executor and driver. */
  Scenario driverLink(double roundTripMillis, double loss) {
    this.roundTripMillis = roundTripMillis;
    this.loss = loss;
    return this;
  }

  Scenario workload(Workload rows) {
    workload = rows;
    return this;
  }

  Scenario endpoint(EndpointSpec spec) {
    endpoints.add(spec);
    return this;
  }

  Scenario at(double second, java.util.function.Consumer<SimulatedRun> event) {
    disturbances.add(new Disturbance(second, event));
    return this;
  }

  Scenario atLeast(double limit, String what, ToDoubleFunction<Judge> figure) {
    measures.add(new Measure(what, figure, Bound.AT_LEAST, limit, true));
    return this;
  }

  Scenario atMost(double limit, String what, ToDoubleFunction<Judge> figure) {
    measures.add(new Measure(what, figure, Bound.AT_MOST, limit, true));
    return this;
  }

  /** Not satisfied yet: reported, not asserted. */
  Scenario goalAtLeast(double limit, String what, ToDoubleFunction<Judge> figure) {
    measures.add(new Measure(what, figure, Bound.AT_LEAST, limit, false));
    return this;
  }

  /** Not satisfied yet: reported, not asserted. */
  Scenario goalAtMost(double limit, String what, ToDoubleFunction<Judge> figure) {
    measures.add(new Measure(what, figure, Bound.AT_MOST, limit, false));
    return this;
  }

  Scenario figure(String what, ToDoubleFunction<Judge> figure) {
    measures.add(new Measure(what, figure, Bound.NONE, 0, true));
    return this;
  }
}
