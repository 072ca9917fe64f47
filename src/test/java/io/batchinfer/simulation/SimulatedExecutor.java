package io.batchinfer.simulation;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.policy.SilentConnections;
import io.batchinfer.policy.StatusMeaning;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An executor process: keeps a window of rows in the real stack, below which requests go to the
 * modelled endpoints. As the HTTP transport does, it looks at the fence just before it writes, and
 * gives up an answer after the request time-out.
 */
final class SimulatedExecutor {
  private static final long TO_ENDPOINT = SimulatedTime.MILLI / 2;

  private final SimulatedTime world;
  private final ProcessTime time;
  private final RowSource source;
  private final int leastWindow;
  private final Duration requestTimeout;
  private final long measuredUntil;
  private final ProductParts.Sender sender;
  private final ArrayDeque<Integer> claimed = new ArrayDeque<>();
  private final Set<Integer> open = new LinkedHashSet<>();
  private boolean cutOff;
  private boolean stopped;
  private boolean feeding;
  private int answered;
  private long lastWriteAt = -1;

  SimulatedExecutor(
      int number,
      SimulatedTime world,
      Scenario scenario,
      RowSource source,
      DriverLink driver,
      List<EndpointModel> endpoints) {
    this.world = world;
    this.time = new ProcessTime(world);
    this.source = source;
    this.leastWindow = scenario.window;
    this.requestTimeout = scenario.requestTimeout;
    this.measuredUntil = scenario.seconds * SimulatedTime.SECOND;
    this.sender =
        new ProductParts.Sender(
            "x" + number,
            time,
            new Random(scenario.seed * 1_000_003 + number),
            message -> driver.ask(this, message),
            parts -> endpoints.stream().map(endpoint -> transport(parts, endpoint)).toList());
  }

  void start() {
    sender.start(() -> stopped = true);
    feed();
    time.schedule(this::lookForRows, Duration.ofMillis(500));
  }

  private void lookForRows() {
    feed();
    time.schedule(this::lookForRows, Duration.ofMillis(500));
  }

  /** Fills the window; a settlement at once must not fill it again from within. */
  private void feed() {
    if (feeding || stopped || time.isDead()) {
      return;
    }
    feeding = true;
    int window = Math.max(leastWindow, 2 * sender.slots() + leastWindow / 4);
    while (open.size() < window && hasMore()) {
      int number = claimed.remove();
      open.add(number);
      sender.send(source.take(number).request()).thenAccept(end -> settled(number, end));
    }
    feeding = false;
  }

  private boolean hasMore() {
    if (claimed.isEmpty()) {
      for (int row : source.claim()) {
        if (!source.isSettled(row)) {
          claimed.add(row);
        }
      }
    }
    return !claimed.isEmpty();
  }

  private void settled(int number, Settlement end) {
    boolean success = end.last().meaning() == StatusMeaning.ANSWERED;
    answered += success && world.now() < measuredUntil ? 1 : 0;
    open.remove(number);
    if (end.crashesEndpoint()) {
      source.blame();
    }
    source.settle(number, success);
    feed();
  }

  private InferenceChannel transport(ProductParts.Sender parts, EndpointModel endpoint) {
    ConnectionThreads threads = endpoint.threads();
    if (threads == null) {
      return request -> exchange(parts, endpoint, null, request);
    }
    SimulatedConnections connections = new SimulatedConnections(threads, time);
    return new InferenceChannel() {
      @Override
      public CompletionStage<Reply> send(OutboundRequest request) {
        return exchange(parts, endpoint, connections, request);
      }

      @Override
      public SilentConnections silentConnections() {
        return connections.silent();
      }
    };
  }

  private CompletionStage<Reply> exchange(
      ProductParts.Sender parts,
      EndpointModel endpoint,
      @Nullable SimulatedConnections connections,
      OutboundRequest request) {
    if (!parts.maySend()) {
      return failure(Kind.FENCED);
    }
    if (endpoint.isDown()) {
      return failure(Kind.CONNECT_FAILED);
    }
    lastWriteAt = world.now();
    CompletableFuture<Reply> result = new CompletableFuture<>();
    Trip trip = new Trip(result, connections == null ? null : connections.take());
    trip.timeout = time.schedule(trip::giveUp, requestTimeout);
    Row row = Row.of(request);
    Runnable read = () -> trip.exchange = endpoint.receive(row, trip::answerOnItsWay);
    ConnectionThreads threads = endpoint.threads();
    world.after(
        TO_ENDPOINT,
        () -> {
          if (threads == null || trip.kept == null) {
            read.run();
          } else {
            threads.request(trip.kept.connection(), read);
          }
        });
    trip.threads = threads;
    return result;
  }

  private static CompletionStage<Reply> failure(Kind kind) {
    return CompletableFuture.failedFuture(new TransportException(kind, "scripted", null));
  }

  /** The process is gone; what it had under way at an endpoint goes on there. */
  void die() {
    time.die();
  }

  /** Its rows without an answer, for others to send again; it gets no more. */
  void giveBackRows() {
    stopped = true;
    open.addAll(claimed);
    claimed.clear();
    source.giveBack(open.stream().mapToInt(Integer::intValue).toArray());
    open.clear();
  }

  void cutOff(boolean cut) {
    cutOff = cut;
  }

  boolean isCutOff() {
    return cutOff;
  }

  ProcessTime time() {
    return time;
  }

  /** Rows that it got answered within the time of the scenario. */
  int answered() {
    return answered;
  }

  /** World time of the last request written, in nanoseconds; negative for none. */
  long lastWriteAt() {
    return lastWriteAt;
  }

  private final class Trip {
    private final CompletableFuture<Reply> result;
    private final SimulatedConnections.@Nullable Kept kept;
    private @Nullable ConnectionThreads threads;
    private io.batchinfer.time.Scheduler.@Nullable Cancellable timeout;
    private EndpointModel.@Nullable Exchange exchange;

    Trip(CompletableFuture<Reply> result, SimulatedConnections.@Nullable Kept kept) {
      this.result = result;
      this.kept = kept;
    }

    void answerOnItsWay(@Nullable Reply reply, @Nullable Throwable failure) {
      if (kept != null && threads != null) {
        threads.answered(kept.connection());
      }
      world.after(TO_ENDPOINT, () -> time.reach(() -> arrive(reply, failure)));
    }

    private void arrive(@Nullable Reply reply, @Nullable Throwable failure) {
      if (timeout != null) {
        timeout.cancel();
      }
      if (kept != null && !result.isDone()) {
        kept.answered();
      }
      if (reply != null) {
        result.complete(reply);
      } else if (failure != null) {
        result.completeExceptionally(failure);
      }
    }

    void giveUp() {
      if (exchange != null) {
        exchange.abandon();
      }
      if (kept != null) {
        kept.close();
      }
      result.completeExceptionally(
          new TransportException(
              Kind.TIMED_OUT, "scripted", null, kept != null && kept.isSilent()));
    }
  }
}
