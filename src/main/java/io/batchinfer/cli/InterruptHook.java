package io.batchinfer.cli;

import io.batchinfer.job.BatchRunner;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Makes Ctrl-C and SIGTERM drain a run before the JVM ends. Spark's own hook stops its context as
 * soon as it runs, so this one runs first and holds the shutdown until the run has saved what it
 * has.
 */
final class InterruptHook implements AutoCloseable {
  /** Above Spark's hook, which has 40 in this scale. */
  private static final int PRIORITY = 1000;

  private static final int INTERRUPTED = 130;
  private static final Duration SAVING = Duration.ofSeconds(10);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param underWay how many requests the run has under way
   * @param say tells the user; called from a thread of its own
   */
  InterruptHook(
      BatchRunner runner, IntSupplier underWay, Duration drainTimeout, Consumer<String> say) {
    hook =
        new Thread(
            () -> {
              boolean waits = underWay.getAsInt() > 0;
              say.accept(
                  waits
                      ? "Interrupted: waiting up to %d s for requests under way, then saving."
                          .formatted(drainTimeout.toSeconds())
                      : "Interrupted: ending; no request is under way.");
              runner.interrupt(INTERRUPTED);
              try {
                boolean saved =
                    ended.await(drainTimeout.plus(SAVING).toMillis(), TimeUnit.MILLISECONDS);
                say.accept(
                    saved
                        ? (waits ? "Saved." : "Ended.")
                            + " The same command goes on where this one stopped."
                        : "Not everything could be saved in time; the same command goes on and may repeat what was under way.");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "batchinfer-interrupt");
    Duration limit = drainTimeout.plus(SAVING).plus(SAVING);
    ShutdownHookManager.get()
        .addShutdownHook(hook, PRIORITY, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    ended.countDown();
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
