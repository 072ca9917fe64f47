package io.batchinfer.simulation;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.simulator.PromptBlocks;
import io.batchinfer.simulator.PromptCache;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Sends rows, in the order given, through the real stack to servers with prompt caches, in virtual
 * time. Rows that begin alike are known as such unless they are sent {@link #asStrangers}.
 */
final class CachedRun {
  private static final long MILLI = SimulatedTime.MILLI;

  private final SimulatedTime world = new SimulatedTime();
  private final List<CachedServer> servers = new ArrayList<>();
  private int slots;
  private int concurrency;
  private boolean strangers;
  private boolean silent;
  private int inFlight;
  private int answered;
  private CachedServer.Speed speed = new CachedServer.Speed(MILLI / 10, 40 * MILLI);

  /** A row of a group: nearly all of its prompt is that of the group. */
  record Prompt(int group, PromptBlocks blocks) {}

  /**
   * What a run came to.
   *
   * @param computed prompt tokens that servers had to compute
   * @param seconds until the last answer
   * @param busy part of the time in which slots had something to do
   */
  record Result(long computed, double seconds, double busy) {}

  CachedRun servers(int count, int slotsOfEach, Supplier<PromptCache> cache) {
    slots = count * slotsOfEach;
    concurrency = slots;
    for (int i = 0; i < count; i++) {
      servers.add(new CachedServer(slotsOfEach, cache.get(), silent, speed, world));
    }
    return this;
  }

  /** Requests under way at once, where that is not the number of slots. */
  CachedRun concurrency(int requests) {
    concurrency = requests;
    return this;
  }

  /** To be called before {@link #servers}. */
  CachedRun speed(CachedServer.Speed other) {
    speed = other;
    return this;
  }

  /** Nothing is known of what rows have in common. */
  CachedRun asStrangers() {
    strangers = true;
    return this;
  }

  /** Servers do not say what was cached. To be called before {@link #servers}. */
  CachedRun silent() {
    silent = true;
    return this;
  }

  Result send(List<Prompt> rows) {
    ProcessTime time = new ProcessTime(world);
    Scenario scenario = new Scenario("caches", "", 1).concurrency(concurrency);
    ProductParts.Driver driver = new ProductParts.Driver(scenario, new ProcessTime(world));
    ProductParts.Sender sender =
        new ProductParts.Sender(
            "x",
            time,
            new Random(1),
            driver::ask,
            unused -> servers.stream().map(server -> channel(server, rows)).toList());
    sender.start(() -> {});
    ArrayDeque<Integer> waiting = new ArrayDeque<>();
    for (int i = 0; i < rows.size(); i++) {
      waiting.add(i);
    }
    feed(waiting, rows, sender);
    while (answered < rows.size()) {
      long before = answered;
      world.runUntil(world.now() + 10 * MILLI);
      if (before == answered && world.now() > 86_400 * SimulatedTime.SECOND) {
        throw new AssertionError("only " + answered + " rows were answered in a day");
      }
    }
    double seconds = (double) world.now() / SimulatedTime.SECOND;
    long computed = servers.stream().mapToLong(CachedServer::computed).sum();
    long busy = servers.stream().mapToLong(CachedServer::busyNanos).sum();
    return new Result(computed, seconds, busy / 1e9 / seconds / slots);
  }

  private void feed(ArrayDeque<Integer> waiting, List<Prompt> rows, ProductParts.Sender sender) {
    int window = Math.max(512, 4 * sender.slots() + 128);
    while (inFlight < window && !waiting.isEmpty()) {
      int number = waiting.remove();
      inFlight++;
      byte[] body = ByteBuffer.allocate(4).putInt(number).array();
      OutboundRequest request =
          new OutboundRequest("/v1/chat/completions", new OutboundRequest.Json(body), Map.of(), 1)
              .inGroup(strangers ? 0 : rows.get(number).group());
      sender
          .send(request)
          .thenAccept(
              end -> {
                if (end.last().meaning() != StatusMeaning.ANSWERED) {
                  throw new AssertionError("row " + number + ": " + end.last().meaning());
                }
                inFlight--;
                answered++;
                feed(waiting, rows, sender);
              });
    }
  }

  private static InferenceChannel channel(CachedServer server, List<Prompt> rows) {
    return new InferenceChannel() {
      @Override
      public CompletionStage<Reply> send(OutboundRequest request) {
        byte[] body = ((OutboundRequest.Json) request.entity()).content();
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        server.receive(rows.get(ByteBuffer.wrap(body).getInt()).blocks(), reply::complete);
        return reply;
      }
    };
  }
}
