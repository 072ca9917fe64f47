package io.batchinfer.simulation;

import io.batchinfer.simulation.EndpointSpec.Charge;
import io.batchinfer.simulation.FaultPeriod.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All scenarios, in the order of the report. */
final class Scenarios {
  /** What 64 slots of 0.3 seconds can do. */
  private static final double SLOTS_PER_SECOND = 64 / 0.3;

  private static final int UNLIMITED = 1_000;
  private static final int ADAPTIVE = 0;
  private static final long TOKENS_PER_MINUTE = 1_000_000;

  private Scenarios() {}

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    all.addAll(faults());
    all.addAll(replicas());
    all.addAll(sharedSlots());
    all.addAll(sharedRate());
    all.addAll(processes());
    all.addAll(tokens());
    all.addAll(unknownCapacity());
    all.addAll(ownedConnections());
    all.addAll(networks());
    return all;
  }

  private static EndpointSpec slots64() {
    return EndpointSpec.slots(64, ServiceTime.fixed(0.3));
  }

  private static List<Scenario> faults() {
    return List.of(
        afterAFault("black hole", "takes every request and answers none", Kind.BLACK_HOLE, null)
            .requestTimeout(Duration.ofSeconds(30)),
        afterAFault("slow 503s", "answers 503 after five seconds", Kind.REFUSES_SLOWLY, null),
        afterAFault("503s at once", "answers 503 at once", Kind.REFUSES, null),
        afterAFault("429 storm", "answers 429 without a hint", Kind.THROTTLES, null),
        afterAFault(
            "429 storm with a hint",
            "answers 429 with Retry-After: 5",
            Kind.THROTTLES,
            Duration.ofSeconds(5)),
        afterAFault("spike of latency", "takes ten times as long", Kind.SLOW, null),
        afterAFault("endpoint down", "refuses connections", Kind.DOWN, null),
        new Scenario(
                "Retry-After of an hour",
                "From second 60 on the endpoint answers 429 with Retry-After: 3600; the longest"
                    + " pause allowed is 15 minutes, so the job must stop.",
                180)
            .endpoint(slots64().retryAfter(Duration.ofHours(1)).fault(Kind.THROTTLES, 60, 9_999))
            .atMost(62, "second of the stop", Judge::stoppedAt)
            .atMost(62, "second of the last request", Judge::silentFrom)
            .figure("refused requests", judge -> judge.received(60, 180)));
  }

  /** 64 slots over four executors; the fault holds from second 60 to 120. */
  private static Scenario afterAFault(
      String name, String what, Kind fault, @org.jspecify.annotations.Nullable Duration hint) {
    EndpointSpec endpoint = slots64().fault(fault, 60, 120);
    if (hint != null) {
      endpoint.retryAfter(hint);
    }
    return new Scenario(
            name,
            "64 slots of 0.3 s, four executors; from second 60 to 120 the endpoint " + what + ".",
            240)
        .endpoint(endpoint)
        .atLeast(
            0.98,
            "share of the slots before",
            judge -> judge.answersPerSecond(10, 60) / SLOTS_PER_SECOND)
        .atMost(
            10,
            "seconds after it until 0.9 is reached again",
            judge -> judge.recoverySeconds(120, 0.9 * SLOTS_PER_SECOND))
        .figure("requests a second meanwhile", judge -> judge.received(65, 120) / 55.0)
        .figure("most requests for one row", Judge::mostRequestsOfARow)
        .figure("rows that became errors", Judge::failed);
  }

  private static List<Scenario> replicas() {
    double healthy = 3 * 16 / 0.3;
    return List.of(
        new Scenario(
                "one slow replica of four",
                "Four replicas of 16 slots, 0.3 s each, but one of them takes 3 s.",
                300)
            .endpoint(replica())
            .endpoint(replica())
            .endpoint(replica())
            .endpoint(EndpointSpec.slots(16, ServiceTime.fixed(3)))
            .atLeast(
                0.9,
                "share of what the healthy slots can do",
                judge -> judge.answersPerSecond(10, 300) / healthy),
        new Scenario(
                "one replica killed and restarted",
                "Four replicas of 16 slots, 0.3 s; one is down from second 60 to 120.",
                240)
            .endpoint(replica())
            .endpoint(replica())
            .endpoint(replica())
            .endpoint(replica().fault(Kind.DOWN, 60, 120))
            .atLeast(
                0.9,
                "share of what the healthy slots can do meanwhile",
                judge -> judge.answersPerSecond(62, 120) / healthy)
            .atMost(
                10,
                "seconds after it until 0.9 of all is reached again",
                judge -> judge.recoverySeconds(120, 0.9 * SLOTS_PER_SECOND))
            .atMost(0, "rows that became errors", Judge::failed),
        new Scenario(
                "one slow and one dead replica",
                "Four replicas of 16 slots, 0.3 s; one takes 3 s, another is down from second 60 to"
                    + " 120.",
                240)
            .endpoint(replica())
            .endpoint(replica())
            .endpoint(EndpointSpec.slots(16, ServiceTime.fixed(3)))
            .endpoint(replica().fault(Kind.DOWN, 60, 120))
            .atLeast(
                0.9,
                "share of what the healthy slots can do meanwhile",
                judge -> judge.answersPerSecond(62, 120) / (2 * 16 / 0.3))
            .atMost(
                10,
                "seconds after it until 0.9 of the healthy slots is reached again",
                judge -> judge.recoverySeconds(120, 0.9 * healthy))
            .atMost(0, "rows that became errors", Judge::failed));
  }

  private static EndpointSpec replica() {
    return EndpointSpec.slots(16, ServiceTime.fixed(0.3));
  }

  private static List<Scenario> sharedSlots() {
    List<Scenario> scenarios = new ArrayList<>();
    for (int executors : new int[] {1, 10, 100, 1_000}) {
      int seconds = executors == 1_000 ? 30 : 300;
      int from = seconds / 6;
      scenarios.add(
          new Scenario(
                  executors + " executors share 64 slots",
                  "The endpoint refuses the 65th request at once.",
                  seconds)
              .executors(executors)
              .window(executors == 1_000 ? 4 : 64)
              .endpoint(slots64().queue(0))
              .atMost(64, "most requests at once", Judge::mostInFlight)
              .atLeast(
                  0.95,
                  "share of the slots",
                  judge -> judge.answersPerSecond(from, seconds) / SLOTS_PER_SECOND)
              .atMost(0, "refused, %", Judge::refusedPercent)
              .figure("fewest over most answers of an executor", Judge::fairness));
    }
    return scenarios;
  }

  private static List<Scenario> sharedRate() {
    List<Scenario> scenarios = new ArrayList<>();
    for (int executors : new int[] {1, 10, 100, 1_000}) {
      int seconds = executors == 1_000 ? 40 : executors == 100 ? 300 : 600;
      int from = seconds / 6;
      scenarios.add(
          new Scenario(
                  executors + " executors share 6,000 requests a minute",
                  "The endpoint answers 429 from the 101st request of a second on.",
                  seconds)
              .executors(executors)
              .window(executors == 1_000 ? 4 : 64)
              .concurrency(UNLIMITED)
              .requestsPerMinute(6_000)
              .endpoint(EndpointSpec.unbounded(ServiceTime.uniform(0.1, 1)).requestsPerSecond(100))
              .atMost(6_000, "busiest minute", Judge::busiestMinute)
              .atLeast(
                  0.98, "share of the limit", judge -> judge.answersPerSecond(from, seconds) / 100)
              .figure("busiest second", Judge::busiestSecond)
              .figure("fewest over most answers of an executor", Judge::fairness));
      Scenario added = scenarios.get(scenarios.size() - 1);
      added.atMost(0.1, "refused, %", Judge::refusedPercent);
    }
    return scenarios;
  }

  private static Scenario rated(String name, String story, int seconds) {
    return new Scenario(name, story, seconds)
        .concurrency(200)
        .requestsPerMinute(6_000)
        .endpoint(EndpointSpec.unbounded(ServiceTime.uniform(0.1, 1)).requestsPerSecond(100))
        .atMost(6_000, "busiest minute", Judge::busiestMinute)
        .atMost(0.1, "refused, %", Judge::refusedPercent);
  }

  private static List<Scenario> processes() {
    return List.of(
        new Scenario(
                "executor killed",
                "64 slots of 1 s over four executors; one is killed at second 60, Spark runs its"
                    + " splits elsewhere five seconds later.",
                240)
            .endpoint(EndpointSpec.slots(64, ServiceTime.fixed(1)))
            .requestTimeout(Duration.ofSeconds(30))
            .at(60, run -> run.kill(1, 5))
            .atMost(64, "most requests at once", Judge::mostInFlight)
            .atMost(
                45,
                "seconds until 0.9 of all slots is reached again",
                judge -> judge.recoverySeconds(62, 0.9 * 64))
            .atMost(16, "work done again", Judge::workedOnAgain),
        new Scenario(
                "executor cut off from the driver",
                "As before, but the executor lives on without hearing from the driver; its rows go"
                    + " to others when its fence and the request time-out have passed.",
                240)
            .endpoint(EndpointSpec.slots(64, ServiceTime.fixed(1)))
            .requestTimeout(Duration.ofSeconds(30))
            .at(60, run -> run.cutOffForEver(1, 40))
            .atMost(64, "most requests at once", Judge::mostInFlight)
            .atMost(70.05, "second of its last request", judge -> judge.lastWriteSecond(1))
            .atMost(0, "work done again", Judge::workedOnAgain),
        rated(
                "executor cut off for a while",
                "6,000 requests a minute over four executors; one hears nothing from the driver"
                    + " from second 60 to 100.",
                240)
            .at(60, run -> run.cutOff(1, 40))
            .atLeast(
                0.98,
                "share of the limit meanwhile",
                judge -> judge.answersPerSecond(62, 100) / 100)
            .atLeast(
                0.98, "share of the limit after", judge -> judge.answersPerSecond(102, 240) / 100),
        rated(
                "wall clocks step",
                "6,000 requests a minute over four executors; the wall clock of one is set forward"
                    + " by an hour at second 60, that of another back at second 90, and both again"
                    + " to where they were.",
                240)
            .at(60, run -> run.stepWallClock(0, Duration.ofHours(1)))
            .at(90, run -> run.stepWallClock(1, Duration.ofHours(-1)))
            .at(150, run -> run.stepWallClock(0, Duration.ofHours(-1)))
            .at(180, run -> run.stepWallClock(1, Duration.ofHours(1)))
            .atLeast(0.98, "share of the limit", judge -> judge.answersPerSecond(10, 240) / 100),
        new Scenario(
                "a wall clock is set back while the endpoint fails",
                "The endpoint answers 503 from second 60 to 90; at second 75 the wall clock of every"
                    + " executor is set back by an hour.",
                240)
            .endpoint(slots64().fault(Kind.REFUSES, 60, 90))
            .at(75, run -> allExecutors(run, Duration.ofHours(-1)))
            .atMost(
                10,
                "seconds after it until 0.9 is reached again",
                judge -> judge.recoverySeconds(90, 0.9 * SLOTS_PER_SECOND)),
        rated(
                "a suspended machine",
                "6,000 requests a minute over four executors; the machine of one is suspended from"
                    + " second 60 to 100: its ticker stands still, its wall clock does not.",
                240)
            .at(60, run -> run.suspend(1, true))
            .at(100, run -> run.resume(1))
            .atLeast(
                0.98, "share of the limit after", judge -> judge.answersPerSecond(120, 240) / 100)
            .atMost(100, "busiest second", Judge::busiestSecond)
            .figure("share of the limit meanwhile", judge -> judge.answersPerSecond(62, 100) / 100),
        rated(
                "a stopped process",
                "As before, but the process is stopped and continued: its ticker goes on.",
                240)
            .at(60, run -> run.suspend(1, false))
            .at(100, run -> run.resume(1))
            .atLeast(
                0.98, "share of the limit after", judge -> judge.answersPerSecond(120, 240) / 100)
            .atMost(100, "busiest second", Judge::busiestSecond)
            .figure("share of the limit meanwhile", judge -> judge.answersPerSecond(62, 100) / 100),
        rated(
                "the driver is restarted",
                "6,000 requests a minute over four executors; at second 60 and 120 the driver dies,"
                    + " its executors a second later; after 15 seconds another is there.",
                240)
            .at(60, run -> run.restartDriver(1, 15))
            .at(120, run -> run.restartDriver(1, 15))
            .atLeast(
                0.98, "share of the limit outside", judge -> judge.answersPerSecond(140, 240) / 100)
            .figure("work done again", Judge::workedOnAgain));
  }

  private static void allExecutors(SimulatedRun run, Duration by) {
    for (int executor = 0; executor < 4; executor++) {
      run.stepWallClock(executor, by);
    }
  }

  private static List<Scenario> tokens() {
    List<Scenario> scenarios = new ArrayList<>();
    for (Charge charge : Charge.values()) {
      String when = charge == Charge.AT_ADMISSION ? "at admission" : "at completion";
      Workload uneven = Workload.uneven(1_000_000, 150, 1.1);
      Scenario exact = tokens("exact estimates, charged " + when, uneven);
      scenarios.add(charge == Charge.AT_ADMISSION ? kept(exact, charge) : paced(exact, charge));
      scenarios.add(
          paced(
              tokens("estimates four times too high, " + when, uneven.estimated(t -> 4L * t)),
              charge));
      scenarios.add(
          paced(
              tokens("estimates four times too low, " + when, uneven.estimated(t -> t / 4)),
              charge));
      scenarios.add(
          paced(tokens("the same estimate for all, " + when, uneven.estimated(t -> 300)), charge));
    }
    scenarios.add(
        new Scenario(
                "a row above the token limit",
                "6,000 tokens a minute; every 500th row takes 8,000 tokens, the others 20.",
                1_200)
            .tokensPerMinute(6_000)
            .requestTimeout(Duration.ofMinutes(10))
            .workload(
                Workload.rows(1_000_000).answers((row, random) -> row % 500 == 250 ? 7_980 : 0))
            .endpoint(EndpointSpec.unbounded(ServiceTime.fixed(1)))
            .atLeast(0.95, "share of the limit", judge -> judge.tokensPerMinute(0, 1_200) / 6_000.0)
            .atMost(14_000, "busiest minute", Judge::busiestMinuteOfTokens));
    return scenarios;
  }

  private static Scenario tokens(String name, Workload workload) {
    return new Scenario(
            "tokens: " + name,
            "A million tokens a minute over four executors; answers of 10 to 4,000 tokens, 20 ms"
                + " each.",
            900)
        .concurrency(UNLIMITED)
        .window(256)
        .tokensPerMinute(TOKENS_PER_MINUTE)
        .requestTimeout(Duration.ofMinutes(10))
        .workload(workload);
  }

  private static EndpointSpec tokenLimited(Charge charge) {
    return EndpointSpec.unbounded(ServiceTime.perToken(0.1, 0.02))
        .tokensPerMinute(TOKENS_PER_MINUTE, charge);
  }

  private static Scenario kept(Scenario scenario, Charge charge) {
    return scenario
        .endpoint(tokenLimited(charge))
        .atMost(1, "busiest minute over the limit", Scenarios::busiestMinuteOverTheLimit)
        .atLeast(0.95, "share of the limit", Scenarios::shareOfTheTokens)
        .atMost(0.1, "refused, %", Judge::refusedPercent);
  }

  /**
   * When tokens count at completion, what is under way as a minute begins counts in it, whatever
   * anyone does: the busiest minute is a figure, not a promise.
   */
  private static Scenario paced(Scenario scenario, Charge charge) {
    Scenario limited = scenario.endpoint(tokenLimited(charge));
    if (charge == Charge.AT_ADMISSION) {
      limited.atMost(1, "busiest minute over the limit", Scenarios::busiestMinuteOverTheLimit);
    } else {
      limited.figure("busiest minute over the limit", Scenarios::busiestMinuteOverTheLimit);
    }
    return limited
        .atLeast(0.95, "share of the limit", Scenarios::shareOfTheTokens)
        .atMost(0.3, "refused, %", Judge::refusedPercent);
  }

  private static double busiestMinuteOverTheLimit(Judge judge) {
    return (double) judge.busiestMinuteOfTokens() / TOKENS_PER_MINUTE;
  }

  private static double shareOfTheTokens(Judge judge) {
    return judge.tokensPerMinute(180, 900) / TOKENS_PER_MINUTE;
  }

  private static List<Scenario> unknownCapacity() {
    return List.of(
        new Scenario(
                "64 slots, nothing configured",
                "64 slots of 0.3 s, 503 beyond 16 waiting; from second 30 to 60 half the slots.",
                120)
            .concurrency(ADAPTIVE)
            .window(256)
            .endpoint(slots64().queue(16).fault(Kind.HALVED, 30, 60))
            .atLeast(
                0.92,
                "share of the slots from second 10 to 30",
                judge -> judge.answersPerSecond(10, 30) / SLOTS_PER_SECOND)
            .atLeast(
                0.9,
                "share of the halved slots from second 40 to 60",
                judge -> judge.answersPerSecond(40, 60) / (SLOTS_PER_SECOND / 2))
            .atMost(
                10,
                "seconds after it until 0.9 is reached again",
                judge -> judge.recoverySeconds(60, 0.9 * SLOTS_PER_SECOND))
            .atMost(2, "refused, %", Judge::refusedPercent),
        new Scenario(
                "a batching server, nothing configured",
                "A token takes 20 ms with one request running and 40 ms with 256; beyond 256"
                    + " requests wait. Answers of 10 to 4,000 tokens.",
                1_800)
            .concurrency(ADAPTIVE)
            .window(256)
            .requestTimeout(Duration.ofMinutes(10))
            .workload(Workload.uneven(1_000_000, 150, 0.9))
            .endpoint(EndpointSpec.batching())
            .atLeast(
                0.9,
                "share of the best tokens a second, last ten minutes",
                judge -> judge.tokensPerMinute(1_200, 1_800) / (60 * 6_400))
            .figure("most requests at once", Judge::mostInFlight),
        knownRate(1),
        knownRate(4));
  }

  /** From the first request to the last answer. */
  private static Scenario knownRate(int executors) {
    return new Scenario(
            "a known rate, an unknown capacity, %d executors".formatted(executors),
            "13,800 requests a minute, 0.2 s each, no --concurrency; 9,000 rows.",
            60)
        .concurrency(ADAPTIVE)
        .executors(executors)
        .requestsPerMinute(13_800)
        .window(64)
        .workload(Workload.rows(9_000))
        .endpoint(EndpointSpec.unbounded(ServiceTime.fixed(0.2)).requestsPerSecond(230))
        .atLeast(0.98, "share of the limit over the whole job", Judge::shareOfTheRateInAll)
        .atMost(13_800, "busiest minute", Judge::busiestMinute)
        .atMost(0.1, "refused, %", Judge::refusedPercent);
  }

  /** Rows, threads and executors of each. */
  private static List<Scenario> ownedConnections() {
    return List.of(
        owned(2, 0.05, 2_000, 1),
        owned(2, 1, 120, 1),
        owned(6, 0.3, 1_000, 1),
        owned(6, 1, 600, 4),
        owned(64, 0.05, 30_000, 4),
        owned(64, 1, 4_000, 1));
  }

  private static Scenario owned(int threads, double seconds, int rows, int executors) {
    double best = rows * seconds / threads;
    return new Scenario(
            "%d connections of %s s served at once, %d executors"
                .formatted(threads, seconds, executors),
            "Nothing is configured. The server gives a connection a thread until it is idle for five"
                + " seconds or had 100 requests and leaves those beyond its threads lying; an answer"
                + " is given up after ten seconds.",
            (int) Math.ceil(3 * best))
        .concurrency(ADAPTIVE)
        .executors(executors)
        .window(64)
        .requestTimeout(Duration.ofSeconds(10))
        .workload(Workload.rows(rows))
        .endpoint(EndpointSpec.slots(threads, ServiceTime.fixed(seconds)).connections(threads))
        .atMost(1.2, "time over that of the best concurrency", j -> j.lastAnswerSecond() / best)
        .atMost(0, "rows that became errors", Judge::failed)
        .atMost(0, "requests that were not answered", j -> j.workedOnAgain())
        .figure("most requests for one row", Judge::mostRequestsOfARow);
  }

  private static List<Scenario> networks() {
    List<Scenario> scenarios = new ArrayList<>();
    for (double roundTrip : new double[] {1, 30, 300}) {
      for (double loss : new double[] {0, 0.05}) {
        Scenario scenario =
            new Scenario(
                    "driver %d ms away, %d %% lost".formatted((int) roundTrip, (int) (100 * loss)),
                    "6,000 requests a minute over four executors, whose messages to the driver and"
                        + " back take that long and get lost that often with a connection that"
                        + " breaks.",
                    300)
                .concurrency(200)
                .requestsPerMinute(6_000)
                .driverLink(roundTrip, loss)
                .endpoint(
                    EndpointSpec.unbounded(ServiceTime.uniform(0.1, 1)).requestsPerSecond(100))
                .atMost(6_000, "busiest minute", Judge::busiestMinute)
                .figure("busiest second", Judge::busiestSecond);
        if (roundTrip == 300) {
          scenario.goalAtLeast(0.98, "share of the limit", Scenarios::shareOfTheRate);
          scenario.goalAtMost(0.1, "refused, %", Judge::refusedPercent);
        } else {
          // A grant that got lost is not caught up, or the seconds after it would hold too much.
          scenario.atLeast(loss == 0 ? 0.98 : 0.9, "share of the limit", Scenarios::shareOfTheRate);
          scenario.atMost(0.1, "refused, %", Judge::refusedPercent);
        }
        scenarios.add(scenario);
      }
    }
    return scenarios;
  }

  private static double shareOfTheRate(Judge judge) {
    return judge.answersPerSecond(10, 300) / 100;
  }
}
