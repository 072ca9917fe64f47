package io.batchinfer.engine.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What makes two engines of a process the same: a run may take over one that was started for
 * another run only if all of this is equal.
 *
 * @param deployment under which name it is configured; empty where under none
 * @param command its words, with a placeholder for its port
 * @param environment the values that it was given beside those of this process
 * @param gpus addresses of its GPUs; empty where none are known
 * @param healthPaths where it is asked whether it is well
 * @param ready how long it may take to start
 * @param hung how long it may answer nothing
 */
public record EngineKind(
    String deployment,
    List<String> command,
    Map<String, String> environment,
    List<String> gpus,
    List<String> healthPaths,
    Duration ready,
    Duration hung) {

  public EngineKind {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    gpus = List.copyOf(gpus);
    healthPaths = List.copyOf(healthPaths);
  }

  /** Name only: the environment holds secrets. */
  @Override
  public String toString() {
    return "EngineKind[" + deployment + "]";
  }
}
