package io.batchinfer.simulation;

import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.simulation.EndpointSpec.Charge;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One endpoint as its specification says. Requests that wait for a slot are served in order. */
final class EndpointModel {
  private static final int SECONDS_OF_A_MINUTE = 60;
  private static final double NANOS_PER_TOKEN = 20e6;
  private static final double SECONDS_OF_A_SLOW_REFUSAL = 5;

  private final EndpointSpec spec;
  private final SimulatedTime time;
  private final AttemptLog log;
  private final Random random;
  private final @Nullable ConnectionThreads threads;
  private final ArrayDeque<Exchange> queue = new ArrayDeque<>();
  private final Set<Exchange> open = new LinkedHashSet<>();
  private int running;
  private long downUntil;
  private long acceptedInSecond;
  private long acceptedSecond = -1;
  private final long[] tokensOfSecond = new long[SECONDS_OF_A_MINUTE];
  private final long[] secondOfTokens = new long[SECONDS_OF_A_MINUTE];

  /** Of a batching endpoint: tokens that each running request has got since the beginning. */
  private double progress;

  private long progressAt;
  private final PriorityQueue<Exchange> byEnd =
      new PriorityQueue<>(
          Comparator.comparingDouble((Exchange exchange) -> exchange.endsAtProgress)
              .thenComparingInt(exchange -> exchange.row.number()));
  private SimulatedTime.@Nullable Event nextEnd;

  EndpointModel(EndpointSpec spec, SimulatedTime time, AttemptLog log, long seed) {
    this.spec = spec;
    this.time = time;
    this.log = log;
    this.random = new Random(seed);
    this.threads = spec.connections == 0 ? null : new ConnectionThreads(spec.connections, time);
    for (FaultPeriod fault : spec.faults) {
      if (fault.kind() == FaultPeriod.Kind.DOWN) {
        time.at(fault.fromSecond(), this::breakDown);
      }
      time.at(fault.toSecond(), this::serveQueue);
    }
  }

  /** What it serves its connections with, or null where any number is served. */
  @Nullable ConnectionThreads threads() {
    return threads;
  }

  /** Whether it refuses connections. */
  boolean isDown() {
    return has(FaultPeriod.Kind.DOWN) || (isRestarting() && !spec.behindGateway);
  }

  private boolean isRestarting() {
    return time.now() < downUntil;
  }

  /**
   * A request arrives.
   *
   * @param answer takes the reply, or the failure where there is none; never called when the
   *     endpoint does not answer
   */
  Exchange receive(Row row, BiConsumer<@Nullable Reply, @Nullable Throwable> answer) {
    Exchange exchange = new Exchange(row, answer);
    open.add(exchange);
    log.received(row.number(), time.now());
    if (isRestarting()) {
      exchange.lose();
    } else if (spec.killers.test(row.number())) {
      log.killed();
      downUntil = time.now() + (long) (spec.restartSeconds * SimulatedTime.SECOND);
      breakDown();
    } else if (has(FaultPeriod.Kind.BLACK_HOLE)) {
      log.executed(row, time.now());
    } else if (has(FaultPeriod.Kind.REFUSES)) {
      exchange.refuse(503);
    } else if (has(FaultPeriod.Kind.REFUSES_SLOWLY)) {
      time.after(
          (long) (SECONDS_OF_A_SLOW_REFUSAL * SimulatedTime.SECOND), () -> exchange.refuse(503));
    } else if (has(FaultPeriod.Kind.THROTTLES) || isBeyondALimit(row)) {
      exchange.refuse(429);
    } else if (running >= slots() && queue.size() >= spec.queue) {
      exchange.refuse(503);
    } else {
      count(row);
      queue.add(exchange);
      serveQueue();
    }
    return exchange;
  }

  private boolean has(FaultPeriod.Kind kind) {
    double second = (double) time.now() / SimulatedTime.SECOND;
    return spec.faults.stream().anyMatch(fault -> fault.kind() == kind && fault.holds(second));
  }

  private int slots() {
    return has(FaultPeriod.Kind.HALVED) ? spec.slots / 2 : spec.slots;
  }

  private boolean isBeyondALimit(Row row) {
    long second = time.now() / SimulatedTime.SECOND;
    if (second != acceptedSecond) {
      acceptedSecond = second;
      acceptedInSecond = 0;
    }
    if (spec.requestsPerSecond > 0 && acceptedInSecond >= spec.requestsPerSecond) {
      return true;
    }
    if (spec.tokensPerMinute == 0) {
      return false;
    }
    long used = tokensOfLastMinute(second);
    return spec.charge == Charge.AT_ADMISSION
        ? used > 0 && used + row.tokens() > spec.tokensPerMinute
        : used >= spec.tokensPerMinute;
  }

  private long tokensOfLastMinute(long second) {
    long sum = 0;
    for (int i = 0; i < SECONDS_OF_A_MINUTE; i++) {
      sum += second - secondOfTokens[i] < SECONDS_OF_A_MINUTE ? tokensOfSecond[i] : 0;
    }
    return sum;
  }

  private void count(Row row) {
    acceptedInSecond++;
    if (spec.charge == Charge.AT_ADMISSION) {
      charge(row);
    }
  }

  private void charge(Row row) {
    long second = time.now() / SimulatedTime.SECOND;
    int place = (int) (second % SECONDS_OF_A_MINUTE);
    if (secondOfTokens[place] != second) {
      secondOfTokens[place] = second;
      tokensOfSecond[place] = 0;
    }
    tokensOfSecond[place] += row.tokens();
  }

  private void serveQueue() {
    while (running < slots() && !queue.isEmpty()) {
      Exchange next = queue.remove();
      if (open.contains(next)) {
        begin(next);
      }
    }
  }

  private void begin(Exchange exchange) {
    progressUntilNow();
    running++;
    exchange.began = true;
    log.executed(exchange.row, time.now());
    if (spec.batched) {
      exchange.endsAtProgress = progress + exchange.row.answerTokens();
      byEnd.add(exchange);
      awaitNextEnd();
    } else {
      double factor = has(FaultPeriod.Kind.SLOW) ? 10 : 1;
      double seconds = factor * spec.service.seconds(exchange.row.answerTokens(), random);
      time.after((long) (seconds * SimulatedTime.SECOND), exchange::end);
    }
  }

  private double nanosPerToken() {
    return NANOS_PER_TOKEN * (1 + (running - 1) / (spec.slots - 1.0));
  }

  private void progressUntilNow() {
    if (running > 0) {
      progress += (time.now() - progressAt) / nanosPerToken();
    }
    progressAt = time.now();
  }

  private void awaitNextEnd() {
    if (nextEnd != null) {
      nextEnd.cancel();
    }
    Exchange first = byEnd.peek();
    if (first != null) {
      double nanos = Math.max(0, first.endsAtProgress - progress) * nanosPerToken();
      nextEnd = time.after((long) nanos + 1, first::end);
    }
  }

  private void breakDown() {
    queue.clear();
    open.forEach(exchange -> log.tookAlong(exchange.row.number()));
    for (Exchange exchange : List.copyOf(open)) {
      exchange.lose();
    }
  }

  /** A request and its answer. */
  final class Exchange {
    private final Row row;
    private final BiConsumer<@Nullable Reply, @Nullable Throwable> answer;
    private boolean began;
    private double endsAtProgress;

    Exchange(Row row, BiConsumer<@Nullable Reply, @Nullable Throwable> answer) {
      this.row = row;
      this.answer = answer;
    }

    /** The sender has closed the connection: work that has begun stops, unless it is queued. */
    void abandon() {
      if (open.remove(this)) {
        log.lost();
        release();
      }
    }

    private void refuse(int status) {
      if (open.remove(this)) {
        log.refused(time.now());
        String seconds = spec.retryAfter == null ? null : "" + spec.retryAfter.toSeconds();
        answer.accept(Row.refusal(status, seconds), null);
      }
    }

    private void end() {
      if (open.remove(this)) {
        release();
        if (spec.charge == Charge.AT_COMPLETION) {
          charge(row);
        }
        log.answered(row, time.now());
        answer.accept(row.answer(), null);
      }
    }

    private void lose() {
      if (open.remove(this)) {
        log.lost();
        release();
        if (spec.behindGateway) {
          answer.accept(Row.refusal(502, null), null);
          return;
        }
        answer.accept(
            null, new TransportException(Kind.CONNECTION_LOST, "the endpoint went down", null));
      }
    }

    private void release() {
      if (began) {
        began = false;
        progressUntilNow();
        running--;
        byEnd.remove(this);
        serveQueue();
        if (spec.batched) {
          awaitNextEnd();
        }
      }
    }
  }
}
