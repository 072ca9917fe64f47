package io.batchinfer.engine.run;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.send.EnginePlace;
import io.batchinfer.engine.send.WorkerRuntime;
import io.batchinfer.engine.send.WorkerSetting;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.Serializable;
import java.util.HashMap;

/**
 * A task that works for a run. Carries the run's options and a token, no secret. Options are a
 * {@link HashMap}, which every serializer can write.
 *
 * @param endpointName name of the authority's endpoint at the driver
 * @param traceParent the run's span, or empty
 * @param submission tells the tasks that were started together from all others
 */
public record WorkerTask(
    HashMap<String, String> options,
    String jobHash,
    String root,
    String idempotencySeed,
    String pricing,
    long epoch,
    String token,
    String endpointName,
    String traceParent,
    String submission)
    implements Serializable {

  /** Something to do with a runtime, such as holding the end of its process. */
  @FunctionalInterface
  public interface Hold {
    /** Holds until that is closed. */
    Cluster.Held hold(WorkerRuntime runtime);
  }

  /**
   * Works until nothing is left to do.
   *
   * @param holds holds what must not end before the answers under way are saved
   * @throws BatchException where no worker could go on
   */
  public void work(TaskPlace here, Hold holds) throws InterruptedException {
    WorkerRuntime runtime;
    try {
      runtime = WorkerRuntime.acquire(setting(here));
    } catch (BatchException e) {
      if (e.code() == ErrorCode.ENGINE_FAILED) {
        // The driver knows, and the rows are for executors whose engines are there.
        return;
      }
      throw e;
    }
    try (Cluster.Held held = holds.hold(runtime)) {
      runtime.newWorker().run();
    } finally {
      runtime.release();
    }
  }

  /** What a worker in the driver's own process throws that met an Error. */
  public static BatchException ending(Error error) {
    String why =
        error instanceof OutOfMemoryError
            ? "The memory of this process ran out (%s; its heap may have %d MB). What was answered is saved. Give it more, with --driver-memory where it runs locally, or lower --concurrency, and give the same command again."
                .formatted(error.getMessage(), Runtime.getRuntime().maxMemory() >> 20)
            : "An error that cannot be recovered from ended the run: %s. What was answered is saved."
                .formatted(error);
    BatchException ending = new BatchException(ErrorCode.INTERNAL, why);
    ending.addSuppressed(error);
    return ending;
  }

  private WorkerSetting setting(TaskPlace here) {
    return new WorkerSetting(
        RunSpec.ofStrings(options, jobHash, root, idempotencySeed, pricing),
        here.stores(),
        epoch,
        token,
        here.driver(endpointName),
        here.process(),
        traceParent,
        new EnginePlace(here.gpus(), here.host(), submission));
  }
}
