package io.batchinfer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Says every ten seconds that a store has not answered yet, until it is closed: a client of a store
 * that cannot be reached tries again for minutes, without a word. Thread-safe.
 */
public final class StoreWait implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final Scheduler scheduler;
  private final String path;
  private final Consumer<String> notices;

  @GuardedBy("this")
  private Scheduler.Cancellable next;

  @GuardedBy("this")
  private long seconds;

  @GuardedBy("this")
  private boolean over;

  /**
   * Begins to wait.
   *
   * @param path what is looked for there
   * @param notices is told from the scheduler's thread
   */
  public StoreWait(Scheduler scheduler, String path, Consumer<String> notices) {
    this.scheduler = scheduler;
    this.path = path;
    this.notices = notices;
    next = scheduler.schedule(this::tell, EVERY);
  }

  private synchronized void tell() {
    if (over) {
      return;
    }
    seconds += EVERY.toSeconds();
    notices.accept(
        "Still waiting for the store of \"%s\": no answer for %d s.".formatted(path, seconds));
    next = scheduler.schedule(this::tell, EVERY);
  }

  @Override
  public synchronized void close() {
    over = true;
    next.cancel();
  }
}
