package io.batchinfer.simulation;

import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.simulator.PromptBlocks;
import io.batchinfer.simulator.PromptCache;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * A server with slots and a prompt cache, in virtual time: it computes what the cache does not have
 * of a prompt, then answers. Requests wait for a slot in the order in which they come.
 */
final class CachedServer {
  /**
   * How fast it is.
   *
   * @param nanosPerPromptToken for every token of a prompt that is not cached
   */
  record Speed(long nanosPerPromptToken, long nanosPerAnswer) {}

  private final int slots;
  private final PromptCache cache;
  private final boolean silent;
  private final Speed speed;
  private final SimulatedTime world;
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private int running;
  private long computed;
  private long busyNanos;

  /**
   * @param silent whether its answers say nothing of a cache
   */
  CachedServer(int slots, PromptCache cache, boolean silent, Speed speed, SimulatedTime world) {
    this.slots = slots;
    this.cache = cache;
    this.silent = silent;
    this.speed = speed;
    this.world = world;
  }

  void receive(PromptBlocks prompt, Consumer<Reply> answer) {
    queue.add(() -> work(prompt, answer));
    serve();
  }

  private void serve() {
    while (running < slots && !queue.isEmpty()) {
      running++;
      queue.remove().run();
    }
  }

  private void work(PromptBlocks prompt, Consumer<Reply> answer) {
    PromptCache.Work work = cache.begin(prompt);
    int toCompute = prompt.tokens() - work.cachedTokens();
    computed += toCompute;
    long computing = speed.nanosPerPromptToken() * toCompute;
    busyNanos += computing + speed.nanosPerAnswer();
    world.after(computing, work::computed);
    world.after(
        computing + speed.nanosPerAnswer(),
        () -> {
          work.ended();
          running--;
          int told = silent ? 0 : work.cachedTokens();
          byte[] body =
              ByteBuffer.allocate(12).putInt(prompt.tokens()).putInt(1).putInt(told).array();
          answer.accept(new Reply(200, ReplyHeaders.NONE, body));
          serve();
        });
  }

  /** Prompt tokens that it had to compute. */
  long computed() {
    return computed;
  }

  /** How long its slots were busy, in all. */
  long busyNanos() {
    return busyNanos;
  }
}
