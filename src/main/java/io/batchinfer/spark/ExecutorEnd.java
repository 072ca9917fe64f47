package io.batchinfer.spark;

import io.batchinfer.engine.run.Cluster;
import io.batchinfer.engine.run.WorkerTask;
import io.batchinfer.engine.send.WorkerRuntime;
import io.batchinfer.model.BatchException;
import io.batchinfer.storage.OwnershipTiming;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkContext$;
import org.apache.spark.SparkEnv;

/**
 * Holds the end of an executor's JVM until the answers under way are saved: an executor that lost
 * its driver, or is asked to go, has paid for them. A driver's JVM is held by whoever runs the job.
 */
final class ExecutorEnd implements Cluster.Held {
  /** Above the hooks of Spark and of Hadoop's filesystems. */
  private static final int PRIORITY = 1000;

  private final Runnable hook;

  private ExecutorEnd(Runnable hook) {
    this.hook = hook;
  }

  static ExecutorEnd drains(WorkerRuntime runtime) {
    ExecutorEnd end = new ExecutorEnd(runtime::drain);
    if (!isDriver()) {
      ShutdownHookManager.get()
          .addShutdownHook(
              end.hook,
              PRIORITY,
              OwnershipTiming.DEFAULT.takeOver().toMillis(),
              TimeUnit.MILLISECONDS);
    }
    return end;
  }

  /**
   * What a task throws that met an Error. Spark then ends an executor's JVM, as it should: who
   * knows what else is broken there; others take its work over. The JVM of a driver is not ours to
   * end, and Spark would end that too for anything with an Error as its cause.
   *
   * @return never normally in an executor of its own
   */
  static BatchException ending(Error error) {
    if (!isDriver()) {
      throw error;
    }
    return WorkerTask.ending(error);
  }

  private static boolean isDriver() {
    return SparkEnv.get().executorId().equals(SparkContext$.MODULE$.DRIVER_IDENTIFIER());
  }

  @Override
  public void close() {
    if (!isDriver() && !ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
