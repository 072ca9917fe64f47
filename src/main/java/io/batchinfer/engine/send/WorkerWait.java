package io.batchinfer.engine.send;

import io.batchinfer.quota.QuotaSession;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How a worker waits: until something of its own has changed, and looking now and then. Rows that
 * were set aside are settled meanwhile, once it is known that the job goes on. One thread waits;
 * any may wake it.
 */
final class WorkerWait {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final RowPath path;
  private final QuotaSession quota;
  private final Semaphore changes;

  WorkerWait(RowPath path, QuotaSession quota) {
    this(path, quota, new Semaphore(0));
  }

  /** As above, waiting for that semaphore. */
  WorkerWait(RowPath path, QuotaSession quota, Semaphore changes) {
    this.path = path;
    this.quota = quota;
    this.changes = changes;
  }

  /** Wakes who waits, or lets it not wait the next time. */
  void changed() {
    changes.release();
  }

  /** Returns after a change, or after a short while without one. */
  void awaitChange() throws InterruptedException {
    RowSettler settler = path.settler();
    if (settler.hasSetAside() && !quota.isStopped()) {
      boolean nothingElseUnderWay = path.room().rows() == 0 && quota.isReported();
      if (quota.hasSucceeded() || nothingElseUnderWay) {
        settler.settleSetAside();
      }
    }
    if (changes.tryAcquire(LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
      changes.drainPermits();
    }
  }
}
