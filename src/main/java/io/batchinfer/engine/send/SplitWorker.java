package io.batchinfer.engine.send;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.Split;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One worker: claims splits one after the other, reads their rows into the channel, and opens the
 * next split while the rows of the last are under way. Runs on one thread.
 */
public final class SplitWorker {
  /** Splits whose last rows may be under way while the worker reads on. */
  private static final int MAX_OPEN_SPLITS = 8;

  private final JobView job;
  private final SplitClaims claims;
  private final SplitReader reader;
  private final RowSender sender;
  private final SplitPublisher publisher;
  private final RunWatches watches;
  private final Drain drain;
  private final ProcessFailure failure;
  private final WorkerWait waits;
  private final AtomicInteger publishing = new AtomicInteger();
  private final AtomicInteger openSplits = new AtomicInteger();

  SplitWorker(
      JobView job,
      SplitClaims claims,
      SplitReader reader,
      RowSender sender,
      SplitPublisher publisher,
      RunWatches watches,
      Drain drain,
      ProcessFailure failure,
      WorkerWait waits) {
    this.job = job;
    this.claims = claims;
    this.reader = reader;
    this.sender = sender;
    this.publisher = publisher;
    this.watches = watches;
    this.drain = drain;
    this.failure = failure;
    this.waits = waits;
  }

  /**
   * Works until nothing is left to claim or the run is stopped, and everything of its own is
   * durable.
   *
   * @throws InterruptedException when the task is to end at once
   */
  public void run() throws InterruptedException {
    boolean finished = false;
    boolean urgent = false;
    try {
      while (true) {
        failure.refuse();
        ClaimAnswer answer = claims.claim();
        if (answer.granted().isPresent()) {
          work(answer.granted().get());
          awaitOpenSplits(MAX_OPEN_SPLITS);
        } else if (answer == ClaimAnswer.Nothing.FINISHED) {
          break;
        }
      }
      awaitOpenSplits(1);
      finished = true;
    } catch (InterruptedException e) {
      // A run that is being stopped has waited for its answers already.
      urgent = drain.isStopped();
      throw e;
    } finally {
      if (!finished && !urgent) {
        drain.awaitRows(sender::underWay);
      }
      if (!finished || openSplits.get() > 0) {
        giveBack();
      }
    }
    failure.refuse();
  }

  /** Gives the splits back, with what was settled of them. */
  private void giveBack() {
    try {
      drain.flush();
    } catch (CompletionException e) {
      // What cannot be flushed is this process's failure by now, and told as that.
      failure.broke(e);
    } finally {
      try {
        claims.giveBack();
      } catch (Throwable thrown) {
        // The driver takes them for this process's as long as it hears of this process. What its
        // other workers have under way is paid for.
        drain.drain();
        failure.broke(thrown);
      }
    }
  }

  /** Waits until fewer than that many splits are open, or until the run is stopped and drained. */
  private void awaitOpenSplits(int fewerThan) throws InterruptedException {
    while (openSplits.get() >= fewerThan) {
      drain.settleRest();
      boolean drained = drain.isDry() && publishing.get() == 0;
      if (drained || failure.cause() != null) {
        return;
      }
      waits.awaitChange();
    }
  }

  private void work(SplitClaim claimed) throws InterruptedException {
    Split split = job.split(claimed.split());
    JobFolder folder = job.folder();
    Replay replay = Replay.of(folder.store(), folder.segments(), split.index(), claimed.segments());
    SplitProgress progress = new SplitProgress(split, whole -> publish(whole, claimed, replay));
    progress.watchedBy(watches.rows(split.index(), progress::movement));
    watches.splitBegan(split.index());
    openSplits.incrementAndGet();
    if (reader.read(progress, claimed, replay)) {
      progress.done();
    }
  }

  private void publish(SplitProgress progress, SplitClaim claimed, Replay replay) {
    publishing.incrementAndGet();
    publisher.publish(
        progress,
        claimed,
        replay,
        claims.worker(),
        () -> {
          watches.splitEnded(progress.split().index());
          publishing.decrementAndGet();
          openSplits.decrementAndGet();
          waits.changed();
        });
  }
}
