package io.batchinfer.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one engine, a model's server that a run has started or has taken over from an
 * earlier one.
 *
 * @param name tells it from the others of the run
 * @param state how it is
 * @param words why it is not ready, or empty
 * @param gpus addresses of its GPUs; empty where none are known
 * @param startedAt when it was first started, or taken over
 * @param untilReady from its first start to the first answer; zero while there was none, and where
 *     it was there before
 * @param up how long processes of it have lived in all for this run
 * @param restarts how often it was started again
 * @param requests answers with success
 * @param tokens tokens that it wrote
 * @param idleBefore how long it was kept without work before this run took it over; empty where the
 *     run has started it
 */
public record EngineFigures(
    String name,
    State state,
    String words,
    List<String> gpus,
    Instant startedAt,
    Duration untilReady,
    Duration up,
    int restarts,
    long requests,
    long tokens,
    Optional<Duration> idleBefore) {

  public EngineFigures {
    gpus = List.copyOf(gpus);
  }

  /** Of one that its run has started. */
  public EngineFigures(
      String name,
      State state,
      String words,
      List<String> gpus,
      Instant startedAt,
      Duration untilReady,
      Duration up,
      int restarts,
      long requests,
      long tokens) {
    this(
        name,
        state,
        words,
        gpus,
        startedAt,
        untilReady,
        up,
        restarts,
        requests,
        tokens,
        Optional.empty());
  }

  /** The same, with other words. */
  public EngineFigures withWords(String other) {
    return new EngineFigures(
        name,
        state,
        other,
        gpus,
        startedAt,
        untilReady,
        up,
        restarts,
        requests,
        tokens,
        idleBefore);
  }

  /**
   * What processes that share one engine tell of it, as one: all of them have answers of it, and
   * the one whose process it is knows the rest.
   *
   * @param told at least one
   */
  public static EngineFigures together(Collection<EngineFigures> told) {
    EngineFigures keeper = told.stream().max(Comparator.comparing(EngineFigures::up)).orElseThrow();
    return new EngineFigures(
        keeper.name,
        keeper.state,
        keeper.words,
        keeper.gpus,
        keeper.startedAt,
        keeper.untilReady,
        keeper.up,
        keeper.restarts,
        told.stream().mapToLong(EngineFigures::requests).sum(),
        told.stream().mapToLong(EngineFigures::tokens).sum(),
        keeper.idleBefore);
  }

  /** How an engine is. */
  public enum State {
    /** It was started, for the first time or again, and does not answer yet. */
    STARTING,
    READY,
    /** It is not started again. */
    GIVEN_UP,
    /** The run is done with it. */
    ENDED
  }

  /** Whether it has ever answered. */
  public boolean wasReady() {
    return idleBefore.isPresent() || !untilReady.isZero();
  }

  /** Minutes of GPUs that it took for this run; 0 where no GPU is known. */
  public double gpuMinutes() {
    return gpus.size() * up.toMillis() / 60e3;
  }

  /** Tokens that it wrote per second since its first answer; 0 before. */
  public double tokensPerSecond() {
    double seconds = up.minus(untilReady).toMillis() / 1e3;
    return !wasReady() || seconds <= 0 ? 0 : tokens / seconds;
  }
}
