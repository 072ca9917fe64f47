package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that shows that an owner is alive. */
@Timeout(600)
class OwnerPulseTest {
  private static final String FOLDER = "/out/_journal/owner";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final VirtualTime time = new VirtualTime();
  private final List<String> notices = new CopyOnWriteArrayList<>();

  /** As many beats as there are permits; then the thread waits. */
  private final Semaphore beats = new Semaphore(0);

  private Ownership ownership;

  @BeforeEach
  void claim() {
    ownership =
        Ownership.claim(
            files,
            FOLDER,
            Claimant.thisProcess(true),
            OwnershipTiming.DEFAULT,
            time.elapsed(),
            time,
            false);
  }

  /** Like {@link io.batchinfer.time.SystemTime#pause}, the interrupt stays visible. */
  private void untilTheNextBeat(Duration unused) {
    try {
      beats.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private OwnerPulse pulse() {
    return new OwnerPulse(ownership, this::untilTheNextBeat, notices::add);
  }

  @Test
  void aBeatThatFailsIsToldAndTheNextOneTried() throws InterruptedException {
    CountDownLatch thrice = new CountDownLatch(3);
    files.before(
        operation -> {
          thrice.countDown();
          throw new InterruptedIOException("the store is away");
        });
    OwnerPulse pulse = pulse();
    beats.release(3);
    thrice.await();
    files.before(operation -> {});
    pulse.close();

    assertThat(notices).hasSizeGreaterThanOrEqualTo(2);
    assertThat(notices.get(0)).contains("Nothing new begins until it can be written again.");
  }

  @Test
  void itEndsInThePause() {
    pulse().close();

    assertThat(notices).isEmpty();
  }

  @Test
  void itEndsInABeatOfAStoreThatKeepsTheInterruptToItself() throws InterruptedException {
    CountDownLatch inStore = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    files.before(
        operation -> {
          inStore.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            // As Hadoop's s3a does it, without setting the thread's interrupt status again.
            throw new InterruptedIOException("InterruptedException");
          }
        });
    OwnerPulse pulse = pulse();
    beats.release();
    inStore.await();
    pulse.close();

    assertThat(notices).isEmpty();
  }
}
