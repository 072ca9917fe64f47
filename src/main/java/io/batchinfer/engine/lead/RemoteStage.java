package io.batchinfer.engine.lead;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.Amount;
import io.batchinfer.model.JobStatus;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.remote.RemoteBatchApi.StoredFile;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteException;
import io.batchinfer.remote.RemoteWork;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Has the open rows answered by the provider's own batch service, round by round: each round holds
 * those that have no answer yet. Whoever sends afterwards finds the answers beside the journal. For
 * one thread.
 */
final class RemoteStage {
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(50);

  /** How long a provider may take to end what is cancelled. */
  private static final Duration LONGEST_CANCEL = Duration.ofMinutes(15);

  /** How often what is left is deleted until a provider that fails is believed. */
  private static final int MOST_DELETIONS = 6;

  /** Digits of the job's id that are in the ids of its batches. */
  private static final int DIGITS = 16;

  private final RunContext run;
  private final PlannedJob job;
  private final SplitLedger ledger;
  private final JobRecorder recorder;
  private final EndReasons reasons;
  private final RemoteBatchApi api;
  private final RemoteTasks tasks;
  private final RemoteSettings settings;
  private final RemoteWatch watch;
  private final String prefix;

  RemoteStage(
      RunContext run,
      PlannedJob job,
      SplitLedger ledger,
      JobRecorder recorder,
      EndReasons reasons,
      RemoteBatchApi api,
      RemoteTasks tasks) {
    this.run = run;
    this.job = job;
    this.ledger = ledger;
    this.recorder = recorder;
    this.reasons = reasons;
    this.api = api;
    this.tasks = tasks;
    this.settings = RemoteSettings.of(run.request().options());
    this.watch = new RemoteWatch(run, job, recorder);
    String id = JobRequest.jobId(job.hash(), run.folder().root());
    this.prefix = "batchinfer-" + id.substring(id.length() - DIGITS);
  }

  /** Works until no open row is left that a batch can answer, or until something ends it. */
  @Nullable End run() {
    RemoteBook book = RemoteBook.read(run.folder(), prefix);
    try {
      if (book.hasOpenRound()) {
        run.listener().notice("Batches of an earlier run are looked for at the provider.");
      }
      while (book.hasOpenRound() || begin(book)) {
        @Nullable End end = round(book);
        if (end != null) {
          return end;
        }
        if (book.ofLastRound().stream().allMatch(note -> note.result().unanswered() == 0)) {
          break;
        }
      }
      deleteLeftovers(book);
      return null;
    } catch (RemoteEnd e) {
      return e.end();
    } catch (InterruptedException e) {
      run.interrupt().heardInterrupt();
      return reasons.interrupted();
    }
  }

  /** Cuts the next round; false where no row is left for it. */
  private boolean begin(RemoteBook book) throws InterruptedException {
    List<Chunk> chunks = await(tasks.cut(ledger.openClaims(), book.nextRound(), settings.fill()));
    List<RemoteWork> works = settings.fill().batches(chunks);
    if (works.isEmpty()) {
      return false;
    }
    book.begin(works);
    long rows = works.stream().mapToLong(work -> work.load().rows()).sum();
    run.listener()
        .notice(
            "%s go to the provider's batch service in %s."
                .formatted(
                    Amount.of(rows, "request"), Amount.of(works.size(), "batch", "batches")));
    return true;
  }

  /** Brings all batches of a round to their ends; null when that is done. */
  private @Nullable End round(RemoteBook book) throws InterruptedException {
    RemoteBatches batches =
        new RemoteBatches(
            run,
            book,
            api,
            tasks,
            settings,
            new RemoteSpending(
                run.request().options(), job.prices(), book, recorder.counts().usage()));
    @Nullable End end = null;
    long endingSince = 0;
    try {
      while (!batches.isDone()) {
        if (isToEnd()) {
          return reasons.reasonToEnd();
        }
        if (end == null) {
          end = reasons.reasonToEnd();
          if (end != null && !end.closesRows()) {
            return end;
          }
          if (end != null) {
            endingSince = run.time().nanos();
            batches.cancel();
          }
        } else if (run.time().nanos() - endingSince > LONGEST_CANCEL.toNanos()) {
          run.listener().notice("The provider did not end all batches; they are left there.");
          break;
        }
        batches.step();
        watch.tell(batches.all());
        if (end == null && batches.isCapped()) {
          end = reasons.overEstimate();
          batches.submitNothingMore();
        }
        run.time().pause(WATCH_INTERVAL);
      }
    } finally {
      batches.stop();
    }
    sort(book);
    if (end == null) {
      book.finishRound();
    }
    return end;
  }

  private void sort(RemoteBook book) throws InterruptedException {
    List<BatchNote> read = book.ofLastRound().stream().filter(BatchNote::done).toList();
    if (!read.isEmpty()) {
      Void unused =
          await(tasks.sort(book.nextRound() - 1, read.stream().map(BatchNote::number).toList()));
    }
  }

  /** What was stored twice, since nobody knew of the first. */
  private void deleteLeftovers(RemoteBook book) throws InterruptedException {
    if (settings.keepFiles() || book.all().isEmpty()) {
      return;
    }
    for (int tries = 1; ; tries++) {
      try {
        for (StoredFile file : api.files(prefix)) {
          api.delete(file.id());
        }
        return;
      } catch (RemoteException e) {
        if (e.isLasting() || tries == MOST_DELETIONS || isToEndWithin(settings.firstPoll())) {
          run.listener().notice("Files may be left at the provider: " + e.getMessage() + ".");
          return;
        }
      }
    }
  }

  private <T> T await(Future<T> task) throws InterruptedException {
    try {
      while (!task.isDone()) {
        run.time().pause(WATCH_INTERVAL);
        if (isToEnd()) {
          throw new RemoteEnd(ended());
        }
      }
      return RemoteTasks.resultOf(task);
    } finally {
      task.cancel(true);
    }
  }

  /** Whether the run is to end at once, for whatever reason of this process. */
  private boolean isToEnd() {
    run.interrupt().hearInterrupt();
    return run.interrupt().isInterrupted() || run.ownership().isLost();
  }

  /** Waits so long, unless the run is to end meanwhile; whether it is. */
  private boolean isToEndWithin(Duration pause) throws InterruptedException {
    long since = run.time().nanos();
    while (!isToEnd() && run.time().nanos() - since < pause.toNanos()) {
      run.time().pause(WATCH_INTERVAL);
    }
    return isToEnd();
  }

  private End ended() {
    @Nullable End end = reasons.reasonToEnd();
    return end == null ? new End(JobStatus.INTERRUPTED, RunInterrupt.INTERRUPTED, 130) : end;
  }
}
