package io.batchinfer.spark;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.send.EnginePlace;
import io.batchinfer.engine.send.WorkerRuntime;
import io.batchinfer.engine.send.WorkerSetting;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * A Spark task that works for a run. Carries the run's options and a token, no secret. Options are
 * a {@link HashMap}, which every serializer can write.
 *
 * @param endpointName name of the authority's endpoint at the driver
 * @param traceParent the run's span, or empty
 * @param submission tells the tasks that were started together from all others
 */
record WorkerTask(
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
    implements VoidFunction<Iterator<Integer>> {

  @Override
  public void call(Iterator<Integer> unused) throws InterruptedException {
    WorkerSource.register();
    WorkerRuntime runtime;
    try {
      runtime = WorkerRuntime.acquire(setting());
    } catch (BatchException e) {
      if (e.code() == ErrorCode.ENGINE_FAILED) {
        // The driver knows, and the rows are for executors whose engines are there.
        return;
      }
      throw e;
    }
    try (ExecutorEnd end = ExecutorEnd.drains(runtime)) {
      runtime.newWorker().run();
    } catch (Error e) {
      throw ExecutorEnd.ending(e);
    } finally {
      runtime.release();
    }
  }

  private WorkerSetting setting() {
    return new WorkerSetting(
        RunSpec.ofStrings(options, jobHash, root, idempotencySeed, pricing),
        TaskFiles.stores(),
        epoch,
        token,
        new RpcDriverPort(endpointName),
        SparkEnv.get().executorId(),
        traceParent,
        new EnginePlace(gpus(), submission));
  }

  /** Addresses of the GPUs that Spark gave this task; none where it schedules no GPUs. */
  private static List<String> gpus() {
    @Nullable ResourceInformation gpus = TaskContext.get().resourcesJMap().get("gpu");
    return gpus == null ? List.of() : List.of(gpus.addresses());
  }
}
