package io.batchinfer.policy;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A client that always has as much under way as the limit says, and a server with slots and a
 * queue, in virtual time. The limit hears of answers every 200 ms, as it does from executors.
 */
final class ClosedLoop {
  private static final Duration REPORT_INTERVAL = Duration.ofMillis(200);

  final VirtualTime time = new VirtualTime();
  final AdaptiveLimit limit;
  final List<Double> answeredAt = new ArrayList<>();
  final List<Integer> limits = new ArrayList<>();
  int slots = 64;
  int queue = 16;
  int demand = Integer.MAX_VALUE;
  int refusedInAll;

  /** Whether an attempt is turned away whatever room there is. */
  java.util.function.BooleanSupplier fault = () -> false;

  /** Attempts under way on connections that say nothing, and those that wait for too long. */
  java.util.function.IntUnaryOperator silent = inFlight -> 0;

  java.util.function.IntUnaryOperator lying = inFlight -> 0;

  /** Seconds that one unit of work takes while so many are worked on. */
  java.util.function.IntToDoubleFunction secondsPerUnit = running -> 0.3;

  /** Units of work of the next answer. */
  java.util.function.IntSupplier work = () -> 1;

  private final ArrayDeque<Attempt> queued = new ArrayDeque<>();
  private int running;
  private int inFlight;
  private int refused;
  private long answered;
  private int withheld;
  private long answers;
  private double seconds;
  private double unitsDone;
  private long round = -1;

  private record Attempt(double began, long round, int units) {}

  ClosedLoop() {
    this(1_024, 300);
  }

  ClosedLoop(int most, double patienceSeconds) {
    limit = new AdaptiveLimit(most, patienceSeconds);
    time.schedule(this::report, REPORT_INTERVAL);
  }

  static Random random(long seed) {
    System.out.println("seed " + seed);
    return new Random(seed);
  }

  void run(double forSeconds) {
    fill();
    time.advance(Duration.ofNanos((long) (forSeconds * 1e9)));
  }

  private double now() {
    return time.nanos() / 1e9;
  }

  private void fill() {
    while (inFlight < Math.min(demand, limit.limit() - withheld)) {
      inFlight++;
      Attempt attempt = new Attempt(now(), round, work.getAsInt());
      if (fault.getAsBoolean()) {
        refuse();
      } else if (running < slots) {
        start(attempt);
      } else if (queued.size() < queue) {
        queued.add(attempt);
      } else {
        refuse();
      }
    }
  }

  private void refuse() {
    inFlight--;
    refused++;
    withheld++;
    refusedInAll++;
  }

  private void start(Attempt attempt) {
    running++;
    double takes = secondsPerUnit.applyAsDouble(running) * attempt.units();
    time.schedule(() -> end(attempt), Duration.ofNanos((long) (takes * 1e9)));
  }

  private void end(Attempt attempt) {
    running--;
    inFlight--;
    answeredAt.add(now());
    answered++;
    if (attempt.round() == limit.round() && attempt.round() == round) {
      answers++;
      seconds += now() - attempt.began();
      unitsDone += attempt.units();
    }
    if (!queued.isEmpty() && running < slots) {
      start(queued.remove());
    }
    while (slots == 0 && !queued.isEmpty()) {
      queued.remove();
      inFlight--;
    }
    fill();
  }

  private void report() {
    limit.refused(refused, answered, time.nanos());
    refused = 0;
    answered = 0;
    withheld = 0;
    if (round == limit.round()) {
      limit.observe(
          new AdaptiveLimit.Answers(answers, seconds, unitsDone),
          new AdaptiveLimit.UnderWay(
              inFlight, silent.applyAsInt(inFlight), lying.applyAsInt(inFlight)),
          time.nanos());
    }
    if (round != limit.round()) {
      round = limit.round();
      answers = 0;
      seconds = 0;
      unitsDone = 0;
    }
    limits.add(limit.limit());
    fill();
    time.schedule(this::report, REPORT_INTERVAL);
  }

  /** Answers per second between two moments. */
  double throughput(double from, double to) {
    return answeredAt.stream().filter(at -> at >= from && at < to).count() / (to - from);
  }

  /** The limits of every second, for a failure's message. */
  List<Integer> history() {
    List<Integer> history = new ArrayList<>();
    for (int i = 0; i < limits.size(); i += 5) {
      history.add(limits.get(i));
    }
    return history;
  }
}
