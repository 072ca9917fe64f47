package io.batchinfer.engine.send;

import java.util.List;

/**
 * What a worker's task knows of the place where an engine may be started.
 *
 * @param gpus addresses of the task's GPUs; empty where none are known
 * @param host by which the cluster manager knows the machine; empty where it is not known
 * @param submission tells the tasks that were started together from all others
 */
public record EnginePlace(List<String> gpus, String host, String submission) {
  /** Where nothing is known. */
  public static final EnginePlace NOWHERE = new EnginePlace(List.of(), "", "");

  public EnginePlace {
    gpus = List.copyOf(gpus);
  }
}
