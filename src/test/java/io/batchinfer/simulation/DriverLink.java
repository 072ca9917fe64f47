package io.batchinfer.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The network between executors and the driver, as TCP shows itself: it delays; a connection may
 * break under a question or its answer, which the asking side notices; what a cut holds up arrives
 * when the cut is mended, unless the question has timed out by then, as Spark lets it.
 */
final class DriverLink {
  private static final Duration ASK_TIMEOUT = Duration.ofMinutes(2);

  private final SimulatedTime world;
  private final Random random;
  private final double roundTripMillis;
  private final double loss;
  private final List<HeldUp> heldUp = new ArrayList<>();
  private @Nullable Function<byte[], CompletionStage<byte[]>> driver;

  DriverLink(SimulatedTime world, double roundTripMillis, double loss, long seed) {
    this.world = world;
    this.roundTripMillis = roundTripMillis;
    this.loss = loss;
    this.random = new Random(seed);
  }

  private record HeldUp(SimulatedExecutor process, Runnable message) {}

  void connect(@Nullable Function<byte[], CompletionStage<byte[]>> driver) {
    this.driver = driver;
  }

  CompletionStage<byte[]> ask(SimulatedExecutor from, byte[] message) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    var timeout = from.time().schedule(() -> fail(answer), ASK_TIMEOUT);
    Function<byte[], CompletionStage<byte[]>> target = driver;
    if (target != null) {
      travel(
          from,
          () -> target.apply(message).thenAccept(reply -> answer(from, reply, answer)),
          answer);
    }
    return answer.whenComplete((reply, failure) -> timeout.cancel());
  }

  private void answer(SimulatedExecutor to, byte[] reply, CompletableFuture<byte[]> answer) {
    travel(to, () -> to.time().reach(() -> answer.complete(reply)), answer);
  }

  private void travel(
      SimulatedExecutor process, Runnable arrival, CompletableFuture<byte[]> answer) {
    if (process.isCutOff()) {
      heldUp.add(new HeldUp(process, arrival));
    } else if (loss > 0 && random.nextDouble() < loss) {
      world.after(oneWay(), () -> process.time().reach(() -> fail(answer)));
    } else {
      world.after(oneWay(), arrival);
    }
  }

  private static void fail(CompletableFuture<byte[]> answer) {
    answer.completeExceptionally(new IllegalStateException("no answer from the driver"));
  }

  void mended(SimulatedExecutor process) {
    List<HeldUp> held = heldUp.stream().filter(message -> message.process() == process).toList();
    heldUp.removeAll(held);
    held.forEach(message -> world.after(oneWay(), message.message()));
  }

  /** Half the round trip, give or take a fifth. */
  private long oneWay() {
    double millis = roundTripMillis / 2 * (0.8 + 0.4 * random.nextDouble());
    return (long) (millis * SimulatedTime.MILLI);
  }
}
