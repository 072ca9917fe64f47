package io.batchinfer.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Makes Ctrl-C and SIGTERM stop the service in order: what is under way is saved before Spark's own
 * hook stops its context.
 */
final class ServiceHook implements AutoCloseable {
  /** Above Spark's hook, which has 40 in this scale. */
  private static final int PRIORITY = 1000;

  private static final Duration SAVING = Duration.ofSeconds(10);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param stopping is counted down when the service is to stop
   */
  ServiceHook(CountDownLatch stopping, Duration drainTimeout) {
    Duration limit = drainTimeout.plus(SAVING).plus(SAVING);
    hook =
        new Thread(
            () -> {
              stopping.countDown();
              try {
                ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "batchinfer-stop");
    ShutdownHookManager.get()
        .addShutdownHook(hook, PRIORITY, limit.plus(SAVING).toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Everything is saved: the process may end. */
  @Override
  public void close() {
    ended.countDown();
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
