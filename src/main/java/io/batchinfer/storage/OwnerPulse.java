package io.batchinfer.storage;

import io.batchinfer.time.Pause;
import java.util.function.Consumer;

/** Keeps an ownership alive from a thread of its own, whatever the run is busy with. */
public final class OwnerPulse implements AutoCloseable {
  private final Thread thread;

  /**
   * Begins to beat.
   *
   * @param notices is told when the storage fails
   */
  public OwnerPulse(Ownership ownership, Pause pause, Consumer<String> notices) {
    thread =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted() && !ownership.isLost()) {
                pause.pause(OwnershipTiming.DEFAULT.beat());
                if (!Thread.currentThread().isInterrupted()) {
                  try {
                    ownership.beat();
                  } catch (StorageException e) {
                    notices.accept(
                        e.getMessage() + " Nothing new begins until it can be written again.");
                  } catch (RuntimeException | Error e) {
                    // Without a beat another run may take over, so the next one is tried all the
                    // same.
                    notices.accept("The owner's mark could not be renewed: " + e);
                  }
                }
              }
            },
            "batchinfer-owner");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
