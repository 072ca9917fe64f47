package io.batchinfer.spark;

import io.batchinfer.engine.RunRuntime;
import io.batchinfer.storage.OwnershipTiming;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkContext$;
import org.apache.spark.SparkEnv;

/**
 * Holds the end of an executor's JVM until the answers under way are saved: an executor that lost
 * its driver, or is asked to go, has paid for them. A driver's JVM is held by whoever runs the job.
 */
final class ExecutorEnd implements AutoCloseable {
  /** Above the hooks of Spark and of Hadoop's filesystems. */
  private static final int PRIORITY = 1000;

  private final Runnable hook;

  private ExecutorEnd(Runnable hook) {
    this.hook = hook;
  }

  static ExecutorEnd drains(RunRuntime runtime) {
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
