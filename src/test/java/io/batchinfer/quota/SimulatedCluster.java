package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.Neighbours;
import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import java.util.function.LongFunction;

/** One authority, some sessions and an endpoint, in virtual time and on one thread. */
final class SimulatedCluster {
  static final Duration FENCE = Duration.ofSeconds(5);
  static final Duration RETENTION = Duration.ofSeconds(20);

  private static final Duration ONE_WAY = Duration.ofMillis(2);
  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(1);

  final VirtualTime time;
  final List<Node> nodes = new ArrayList<>();
  final List<Long> starts = new ArrayList<>();
  final QuotaAuthority authority;

  /** What the endpoint answers to its n-th request, from 0. */
  IntFunction<Attempt> answers = n -> answered();

  /** How long an attempt takes that begins at that time in nanoseconds. */
  LongFunction<Duration> latency = at -> Duration.ofSeconds(1);

  boolean mayGrant = true;

  /** How often a question or an answer is lost. */
  double loss;

  /** How often one comes so late that the process may have given it up and asked again. */
  double late;

  int underWay;
  int peak;
  private final Random random;

  SimulatedCluster(QuotaLimits limits, int sessions, long seed) {
    this(new VirtualTime(), limits, sessions, seed);
  }

  private SimulatedCluster(VirtualTime time, QuotaLimits limits, int sessions, long seed) {
    this(time, new EndpointQuota(limits, time, time), QuotaGroup.of(1), "session", sessions, seed);
  }

  /** One run with caps on what it spends. */
  SimulatedCluster(QuotaLimits limits, List<Budget> budgets, int sessions, long seed) {
    this(new VirtualTime(), limits, budgets, sessions, seed);
  }

  private SimulatedCluster(
      VirtualTime time, QuotaLimits limits, List<Budget> budgets, int sessions, long seed) {
    this(
        time,
        new EndpointQuota(limits, time, time),
        QuotaGroup.of(1),
        budgets,
        "session",
        sessions,
        seed);
  }

  /** One run among several that share an endpoint. */
  SimulatedCluster(
      VirtualTime time,
      EndpointQuota endpoint,
      QuotaGroup group,
      String name,
      int sessions,
      long seed) {
    this(time, endpoint, group, List.of(), name, sessions, seed);
  }

  private SimulatedCluster(
      VirtualTime time,
      EndpointQuota endpoint,
      QuotaGroup group,
      List<Budget> budgets,
      String name,
      int sessions,
      long seed) {
    this.time = time;
    random = new Random(seed);
    authority = new QuotaAuthority(endpoint, group, budgets, FENCE, RETENTION, () -> mayGrant);
    for (int i = 0; i < sessions; i++) {
      nodes.add(new Node(name + "-" + i));
    }
  }

  static QuotaLimits concurrency(int concurrency) {
    return new QuotaLimits(concurrency, 0, 0, Duration.ofMinutes(10));
  }

  static Attempt answered() {
    return attempt(StatusMeaning.ANSWERED, 200, Optional.empty());
  }

  /** A success for which so many tokens are counted. */
  static Attempt answered(long tokens) {
    return new Attempt(
        StatusMeaning.ANSWERED,
        new Reply(200, ReplyHeaders.NONE, new byte[0]),
        new ReplyFacts(true, new Usage(1, tokens - 1), "", ""),
        null,
        Optional.empty());
  }

  static Attempt attempt(StatusMeaning meaning, int status, Optional<Duration> retryAfter) {
    return new Attempt(
        meaning,
        new Reply(status, ReplyHeaders.NONE, new byte[0]),
        new ReplyFacts(true, Usage.NONE, "", "scripted"),
        null,
        retryAfter);
  }

  private static Attempt unreachable() {
    return new Attempt(
        StatusMeaning.UNREACHABLE,
        null,
        null,
        new TransportException(Kind.CONNECT_FAILED, "no route", null),
        Optional.empty());
  }

  void start() {
    nodes.forEach(
        node ->
            node.session.start(
                () -> node.stops++,
                thrown -> {
                  throw new AssertionError("the session broke", thrown);
                }));
  }

  void advanceSeconds(double seconds) {
    time.advance(Duration.ofNanos((long) (seconds * 1e9)));
  }

  int done() {
    return nodes.stream().mapToInt(node -> node.done).sum();
  }

  /** Most starts in any minute. */
  int busiestMinute() {
    int most = 0;
    int from = 0;
    for (int to = 0; to < starts.size(); to++) {
      while (starts.get(to) - starts.get(from) >= 60_000_000_000L) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  long startsBetween(double fromSeconds, double toSeconds) {
    return starts.stream().filter(at -> at >= fromSeconds * 1e9 && at < toSeconds * 1e9).count();
  }

  /** One executor process. */
  final class Node implements AttemptChannel {
    final QuotaSession session;
    boolean cutOff;
    boolean withoutEndpoint;
    int underWayHere;
    int done;
    int stops;
    private final Neighbours neighbours = new Neighbours();
    private final AttemptChannel limited;

    Node(String id) {
      session =
          new QuotaSession(
              id,
              this::ask,
              time.elapsed(),
              time,
              time,
              () -> progress(),
              reply -> StatedLimits.NONE);
      limited = session.limit(List.of(ReplicaChannel.guarded("replica", this, time)));
    }

    private Progress progress() {
      return new Progress(done, 0, done, 0, 0);
    }

    void feed(int requests) {
      for (int i = 0; i < requests; i++) {
        limited
            .attempt(
                new OutboundRequest(
                    "/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 100),
                neighbours.newRow())
            .thenAccept(attempt -> done++);
      }
    }

    @Override
    public CompletionStage<Attempt> attempt(OutboundRequest request, RowHistory history) {
      int number = starts.size();
      starts.add(time.nanos());
      underWay++;
      underWayHere++;
      peak = Math.max(peak, underWay);
      CompletableFuture<Attempt> result = new CompletableFuture<>();
      time.schedule(
          () -> {
            underWay--;
            underWayHere--;
            result.complete(withoutEndpoint ? unreachable() : answers.apply(number));
          },
          latency.apply(time.nanos()));
      return result;
    }

    private CompletionStage<QuotaReply> ask(QuotaRequest request) {
      CompletableFuture<QuotaReply> result = new CompletableFuture<>();
      time.schedule(
          () -> result.completeExceptionally(new IllegalStateException("no answer in time")),
          ASK_TIMEOUT);
      byte[] message = request.encode();
      if (!lost()) {
        time.schedule(
            () ->
                authority
                    .ask(QuotaRequest.decode(message))
                    .thenAccept(reply -> deliver(reply.encode(), result)),
            oneWay());
      }
      return result;
    }

    private void deliver(byte[] reply, CompletableFuture<QuotaReply> result) {
      if (!lost()) {
        time.schedule(() -> result.complete(QuotaReply.decode(reply)), oneWay());
      }
    }

    private Duration oneWay() {
      return late > 0 && random.nextDouble() < late
          ? ONE_WAY.plusMillis(random.nextInt(3_000))
          : ONE_WAY;
    }

    private boolean lost() {
      return cutOff || random.nextDouble() < loss;
    }
  }
}
