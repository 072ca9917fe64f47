package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptChannel;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.policy.SilentConnections;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.quota.QuotaReply.Rows;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.testing.VirtualTime;
import io.batchinfer.time.Elapsed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A session whose questions a test answers and whose attempts it ends, each when it likes, in
 * virtual time.
 */
final class ScriptedDriver {
  static final Duration FENCE = Duration.ofSeconds(5);

  final VirtualTime time = new VirtualTime();
  final Deque<Question> questions = new ArrayDeque<>();

  /** Attempts under way, in the order in which they went out. */
  final Deque<Sent> underWay = new ArrayDeque<>();

  final List<Throwable> failures = new ArrayList<>();
  final SilentConnections silent = new SilentConnections();
  int sent;
  int stops;
  private int replicas;

  /**
   * By how much the wall clock is ahead of the ticker, which stands still in a suspended machine.
   */
  Duration suspended = Duration.ZERO;

  final QuotaSession session =
      new QuotaSession(
          "session",
          request -> {
            CompletableFuture<QuotaReply> answer = new CompletableFuture<>();
            questions.add(new Question(request, answer));
            return answer;
          },
          new Elapsed(
              time,
              new Clock() {
                @Override
                public Instant instant() {
                  return time.clock().instant().plus(suspended);
                }

                @Override
                public ZoneOffset getZone() {
                  return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                  return this;
                }
              }),
          time,
          time,
          () -> Progress.ZERO,
          reply -> StatedLimits.NONE);

  private AttemptChannel limited = (request, history) -> new CompletableFuture<>();

  /** A question and who waits for its answer. */
  record Question(QuotaRequest request, CompletableFuture<QuotaReply> answer) {}

  /** An attempt under way at one of the replicas. */
  record Sent(int replica, String path, CompletableFuture<Attempt> end) {}

  /** What the driver answers; where a test says nothing else, all is allowed but slots. */
  static final class Granted {
    int slots;
    ReplicaOrder[] orders = {};
    long[] starts = {};
    long[] tokens = {};
    Duration held = Duration.ZERO;
    boolean unlimited = true;
    long tokensPerMinute;
    Duration coolDown = Duration.ZERO;
    Duration fence = FENCE;
    List<Allowance> allowances = List.of();
    boolean stopped;
    List<Elsewhere> elsewhere = List.of();

    /** Slots for all replicas together. */
    Granted(int slots) {
      this.slots = slots;
    }

    /** Rows of the rate, each that long after the question was handled. */
    Granted rows(long tokensOfEach, Duration... after) {
      unlimited = false;
      starts = new long[after.length];
      tokens = new long[after.length];
      for (int i = 0; i < after.length; i++) {
        starts[i] = after[i].toNanos();
        tokens[i] = tokensOfEach;
      }
      return this;
    }

    QuotaReply reply(int replicas) {
      List<ForReplica> named = new ArrayList<>();
      for (int i = 0; i < replicas; i++) {
        named.add(
            new ForReplica(
                "replica-" + i,
                Slots.NONE,
                i < orders.length ? orders[i] : ReplicaOrder.OPEN,
                i < elsewhere.size() ? elsewhere.get(i) : Elsewhere.NOTHING));
      }
      return new QuotaReply(
          slots,
          named,
          new Rows(starts, tokens),
          new Rate(unlimited, tokensPerMinute),
          new Leave(fence.toNanos(), coolDown.toNanos(), allowances, stopped),
          held.toNanos());
    }
  }

  /** Begins with that many replicas. */
  ScriptedDriver start(int replicas) {
    this.replicas = replicas;
    limited =
        session.limit(
            IntStream.range(0, replicas)
                .mapToObj(
                    place ->
                        ReplicaChannel.guarded(
                            "replica-" + place,
                            (request, history) -> {
                              sent++;
                              Sent attempt =
                                  new Sent(place, request.path(), new CompletableFuture<>());
                              underWay.add(attempt);
                              return attempt.end();
                            },
                            silent,
                            time))
                .toList());
    session.start(() -> stops++, failures::add);
    return this;
  }

  /** Rows that want to go out. */
  void feed(int rows) {
    for (int i = 0; i < rows; i++) {
      feed(EndsOfAttempts.row());
    }
  }

  void feed(WaitingRow row) {
    CompletableFuture<Attempt> unused = send(row);
  }

  /** A row that wants to go out; returns what becomes of it. */
  CompletableFuture<Attempt> send(WaitingRow row) {
    return limited.attempt(row.request(), row.history()).toCompletableFuture();
  }

  /** The question that is open. */
  QuotaRequest asked() {
    return questions.element().request();
  }

  void answer(Granted granted) {
    questions.remove().answer().complete(granted.reply(replicas));
  }

  /** Answers with that many slots. */
  void answer(int slots) {
    answer(new Granted(slots));
  }

  /** The answer is lost on its way. */
  void loseAnswer() {
    questions.remove().answer().completeExceptionally(new IllegalStateException("lost"));
  }

  /** Ends the attempt that has been under way for longest. */
  void end(Attempt attempt) {
    underWay.remove().end().complete(attempt);
  }

  void passMillis(long millis) {
    time.advance(Duration.ofMillis(millis));
  }
}
