package io.batchinfer.engine.send;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Split;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the open rows of a claimed split, and sends or settles each. Belongs to one worker. */
final class SplitReader {
  private final JobView job;
  private final DriverClient driver;
  private final Drain drain;
  private final RowPath path;
  private final RowRequests requests;
  private final RowSender sender;
  private final ProcessFailure failure;
  private final WorkerWait waits;
  private final RowOrder order;
  private final RemoteEnds remoteEnds;

  SplitReader(
      JobView job,
      DriverClient driver,
      Drain drain,
      RowPath path,
      RowRequests requests,
      RowSender sender,
      ProcessFailure failure,
      WorkerWait waits,
      RowOrder order) {
    this.job = job;
    this.driver = driver;
    this.drain = drain;
    this.path = path;
    this.requests = requests;
    this.sender = sender;
    this.failure = failure;
    this.waits = waits;
    this.order = order;
    this.remoteEnds = new RemoteEnds(job.spec(), path.classifier());
  }

  /**
   * Reads a split to its end; false when the run was stopped on the way.
   *
   * @param replay what was journalled for it before it was claimed
   */
  boolean read(SplitProgress progress, SplitClaim claimed, Replay replay)
      throws InterruptedException {
    Split split = progress.split();
    RowsToSend rows = RowsToSend.of(job.folder(), job.plan(), job.keys(), claimed, replay);
    try (SharedAnswers shared = SharedAnswers.of(job, split, claimed);
        RemoteAnswers remote = RemoteAnswers.toSettle(job, split)) {
      RowFates fates =
          new RowFates(
              RowFates.LineChecks.of(job, requests, split, rows),
              closingOutcome(claimed),
              shared,
              remote);
      return read(progress, rows, fates);
    }
  }

  /** What rows end with that are not sent any more; null as long as rows are sent. */
  private static @Nullable Unanswered closingOutcome(SplitClaim claimed) {
    if (claimed.closing().isEmpty()) {
      return null;
    }
    ErrorCode code = claimed.closing().get();
    String why =
        switch (code) {
          case BATCH_EXPIRED -> "the job's time ran out";
          case BATCH_CANCELLED -> "the job was cancelled";
          default -> "the job was ended";
        };
    String words =
        claimed.reopened().isPresent()
            ? "This request was to be executed again, but " + why + " before."
            : "This request was not executed before " + why + ".";
    return new Unanswered(code, words, null);
  }

  private boolean read(SplitProgress progress, RowsToSend rows, RowFates fates)
      throws InterruptedException {
    try (SplitLines lines =
        new SplitLines(
            job,
            progress.split(),
            rows,
            fates,
            line -> driver.trying(progress.split().index(), line))) {
      OpenRows open = rows.alone() ? lines : order.of(lines);
      while (true) {
        awaitRoomInJournal();
        OpenRow row = open.next();
        if (row == null) {
          return sender.sendWaiting(progress);
        }
        if (!meet(row, progress, rows)) {
          return false;
        }
        if (rows.alone()) {
          awaitDurable(progress);
        }
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + progress.split().path() + "\"", e);
    }
  }

  /** Sends or settles a row; false when the run was stopped instead. */
  private boolean meet(OpenRow row, SplitProgress progress, RowsToSend rows)
      throws InterruptedException {
    int line = row.line();
    RowFate fate = row.fate();
    if (fate instanceof RowFate.Sent sent) {
      progress.kinds().note(line, sent.request());
      return rows.alone()
          ? sender.sendAlone(progress, line, sent.request(), rows.roundOf(line), waits::changed)
          : sender.send(progress, row, sent.request(), rows.roundOf(line));
    }
    if (fate instanceof RowFate.Unsent unsent) {
      path.settler().settleUnsent(progress, line, unsent.customId(), unsent.outcome());
    } else if (fate instanceof RowFate.Copied copied) {
      path.settler().settleCopied(progress, line, copied);
    } else if (fate instanceof RowFate.Fetched fetched) {
      progress.kinds().note(line, fetched.request());
      RemoteEnds.Fetched end = remoteEnds.endOf(fetched);
      path.settler()
          .settleFetched(progress, line, fetched.request().customId(), end.end(), end.saved());
    } else if (fate instanceof RowFate.Waits) {
      progress.leaveOut(line);
    } else if (fate instanceof RowFate.Blamed blamed) {
      path.settler().settleCrashed(progress, line, blamed.customId());
    }
    return true;
  }

  /** Waits while too much is settled that is not durable yet. */
  private void awaitRoomInJournal() throws InterruptedException {
    while (path.room().isJournalFull()) {
      failure.refuse();
      waits.awaitChange();
    }
  }

  /** Waits until everything read of a split that runs alone can no longer be to blame. */
  private void awaitDurable(SplitProgress progress) throws InterruptedException {
    while (!progress.isSettledSoFar() && !drain.isStopped()) {
      failure.refuse();
      waits.awaitChange();
    }
    drain.flush();
  }
}
