package io.batchinfer.store;

import io.batchinfer.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Does the same again and again, on a thread of its own. What fails is said and tried again. */
public final class Periodic implements AutoCloseable {
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private final Runnable task;
  private final Duration between;
  private final Consumer<String> log;
  private String said = "";

  private Periodic(String threadName, Duration between, Runnable task, Consumer<String> log) {
    this.between = between;
    this.task = task;
    this.log = log;
    thread = new Thread(this::work, threadName);
    thread.setDaemon(true);
  }

  /**
   * Begins at once.
   *
   * @param between pause after each time
   * @param log what the operator should know
   */
  public static Periodic start(
      String threadName, Duration between, Runnable task, Consumer<String> log) {
    Periodic periodic = new Periodic(threadName, between, task, log);
    periodic.thread.start();
    return periodic;
  }

  private void work() {
    try {
      do {
        once();
      } while (!closing.await(between.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void once() {
    try {
      task.run();
      said = "";
    } catch (StorageException e) {
      say(e.getMessage() + " It is tried again.");
    } catch (RuntimeException | Error e) {
      say("A defect of this program, in \"" + thread.getName() + "\": " + e);
    }
  }

  /** The same failure is said once. */
  private void say(String words) {
    if (!words.equals(said)) {
      log.accept(words);
    }
    said = words;
  }

  /** Waits for the end of what is being done. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
