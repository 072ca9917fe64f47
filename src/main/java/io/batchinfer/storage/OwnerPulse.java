package io.batchinfer.storage;

import io.batchinfer.time.Pause;
import java.util.function.Consumer;

/** Keeps an ownership alive from a thread of its own, whatever the run is busy with. */
public final class OwnerPulse implements AutoCloseable {
  private final Ownership ownership;
  private final Pause pause;
  private final Consumer<String> notices;
  private final Thread thread;

  /** A store may take an interrupt for its own, and then nothing shows that there was one. */
  private volatile boolean closed;

  /**
   * Begins to beat.
   *
   * @param notices is told when the storage fails
   */
  public OwnerPulse(Ownership ownership, Pause pause, Consumer<String> notices) {
    this.ownership = ownership;
    this.pause = pause;
    this.notices = notices;
    thread = new Thread(this::keepBeating, "batchinfer-owner");
    thread.setDaemon(true);
    thread.start();
  }

  private void keepBeating() {
    while (!closed && !ownership.isLost()) {
      pause.pause(OwnershipTiming.DEFAULT.beat());
      if (!closed) {
        beatOnce();
      }
    }
  }

  private void beatOnce() {
    try {
      ownership.beat();
    } catch (StorageException e) {
      tell(e.getMessage() + " Nothing new begins until it can be written again.");
    } catch (RuntimeException | Error e) {
      // Without a beat another run may take over, so the next one is tried all the same.
      tell("The owner's mark could not be renewed: " + e);
    }
  }

  /** What fails since it was interrupted at the end is nothing to tell. */
  private void tell(String notice) {
    if (!closed) {
      notices.accept(notice);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
