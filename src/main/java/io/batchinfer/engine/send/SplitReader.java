package io.batchinfer.engine.send;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Split;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;

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

  SplitReader(
      JobView job,
      DriverClient driver,
      Drain drain,
      RowPath path,
      RowRequests requests,
      RowSender sender,
      ProcessFailure failure,
      WorkerWait waits) {
    this.job = job;
    this.driver = driver;
    this.drain = drain;
    this.path = path;
    this.requests = requests;
    this.sender = sender;
    this.failure = failure;
    this.waits = waits;
  }

  /**
   * Reads a split to its end; false when the run was stopped on the way.
   *
   * @param replay what was journalled for it before it was claimed
   */
  boolean read(SplitProgress progress, SplitClaim claimed, Replay replay)
      throws InterruptedException {
    Split split = progress.split();
    RowsToSend rows = RowsToSend.of(job.folder(), job.splits(), job.keys(), split, claimed, replay);
    RowFates fates =
        new RowFates(
            requests::parse,
            job.spec().tooLong(),
            job.folder().duplicateLines(split.unit()),
            split.unitLine(),
            rows.blamed(),
            claimed
                .closing()
                .map(code -> closingOutcome(code, claimed.reopened().isPresent()))
                .orElse(null));
    return read(progress, rows, fates);
  }

  private static Unanswered closingOutcome(ErrorCode code, boolean again) {
    String why =
        switch (code) {
          case BATCH_EXPIRED -> "the job's time ran out";
          case BATCH_CANCELLED -> "the job was cancelled";
          default -> "the job was ended";
        };
    return new Unanswered(
        code,
        again
            ? "This request was to be executed again, but " + why + " before."
            : "This request was not executed before " + why + ".",
        null);
  }

  private boolean read(SplitProgress progress, RowsToSend rows, RowFates fates)
      throws InterruptedException {
    Split split = progress.split();
    try (LineReader lines =
        new LineReader(
            job.folder().store().open(split.path(), split.start()),
            split.start(),
            job.spec().maxLineBytes())) {
      for (int line = 0; line < split.lines(); line++) {
        if (rows.alone() && !rows.settled().get(line)) {
          driver.trying(split.index(), line);
        }
        if (!lines.next()) {
          throw new BatchException(
              ErrorCode.INVALID_INPUT,
              "\"%s\" ended before byte %d: the input was changed while the job ran."
                  .formatted(split.path(), split.end()));
        }
        if (rows.settled().get(line) || lines.isBlank()) {
          continue;
        }
        awaitRoomInJournal();
        if (!meet(fates.of(line, lines), progress, line, rows)) {
          return false;
        }
        if (rows.alone()) {
          awaitDurable(progress);
        }
      }
      return sender.sendWaiting(progress);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }

  /** Sends or settles a row; false when the run was stopped instead. */
  private boolean meet(RowFate fate, SplitProgress progress, int line, RowsToSend rows)
      throws InterruptedException {
    if (fate instanceof RowFate.Sent sent) {
      return rows.alone()
          ? sender.sendAlone(progress, line, sent.request(), rows.roundOf(line), waits::changed)
          : sender.send(progress, line, sent.request(), rows.roundOf(line));
    }
    if (fate instanceof RowFate.Unsent unsent) {
      path.settler().settleUnsent(progress, line, unsent.customId(), unsent.outcome());
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
