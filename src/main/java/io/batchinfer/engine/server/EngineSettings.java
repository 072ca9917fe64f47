package io.batchinfer.engine.server;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * What an engine is started with.
 *
 * @param name tells it from the others of a run
 * @param command its words, given the port that it is to listen on
 * @param environment variables that it gets beside those of this process
 * @param gpus addresses of its GPUs; empty where none are known
 * @param sharedIn folder that it has in common with the processes of this machine that share it, of
 *     which one at a time keeps it; empty where it is this process's alone
 * @param probe looks whether it is there
 * @param patience how long it is waited for
 * @param clock the wall clock
 * @param mask takes secrets out of what it prints; equal to others that take out the same
 */
public record EngineSettings(
    String name,
    IntFunction<List<String>> command,
    Map<String, String> environment,
    List<String> gpus,
    Optional<Path> sharedIn,
    EngineProbe probe,
    Patience patience,
    Clock clock,
    UnaryOperator<String> mask) {

  public EngineSettings {
    environment = Map.copyOf(environment);
    gpus = List.copyOf(gpus);
  }

  /**
   * How long an engine is waited for.
   *
   * @param ready until it answers, from its start
   * @param hung how long it may answer nothing at all, rows and questions for its health, before it
   *     is started again
   * @param grace between asking it to end and ending it, in whole seconds
   * @param backOff before it is started again for the first time; doubled each time
   * @param look between two questions for its health
   */
  public record Patience(
      Duration ready, Duration hung, Duration grace, Duration backOff, Duration look) {
    /** As users are told, apart from what they can choose. */
    public static Patience of(Duration ready, Duration hung) {
      return new Patience(
          ready, hung, Duration.ofSeconds(8), Duration.ofSeconds(1), Duration.ofSeconds(5));
    }
  }

  /** Name only: the environment holds secrets. */
  @Override
  public String toString() {
    return "EngineSettings[" + name + "]";
  }
}
