package io.batchinfer.spark;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.send.WorkerRuntime;
import io.batchinfer.engine.send.WorkerSetting;
import java.util.HashMap;
import java.util.Iterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.VoidFunction;

/**
 * A Spark task that works for a run. Carries the run's options and a token, no secret. Options are
 * a {@link HashMap}, which every serializer can write.
 *
 * @param endpointName name of the authority's endpoint at the driver
 * @param traceParent the run's span, or empty
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
    String traceParent)
    implements VoidFunction<Iterator<Integer>> {

  @Override
  public void call(Iterator<Integer> unused) throws InterruptedException {
    WorkerSource.register();
    WorkerRuntime runtime =
        WorkerRuntime.acquire(
            new WorkerSetting(
                RunSpec.ofStrings(options, jobHash, root, idempotencySeed, pricing),
                TaskFiles.stores(),
                epoch,
                token,
                new RpcDriverPort(endpointName),
                SparkEnv.get().executorId(),
                traceParent));
    try (ExecutorEnd end = ExecutorEnd.drains(runtime)) {
      runtime.newWorker().run();
    } catch (Error e) {
      throw ExecutorEnd.ending(e);
    } finally {
      runtime.release();
    }
  }
}
