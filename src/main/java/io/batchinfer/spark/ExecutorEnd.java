package io.batchinfer.spark;

import io.batchinfer.engine.send.WorkerRuntime;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
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
