package io.batchinfer.engine.lead;

import io.batchinfer.job.RunProgress;
import io.batchinfer.job.RunProgress.Answers;
import io.batchinfer.job.RunProgress.Moment;
import io.batchinfer.model.Counts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.storage.StorageException;
import java.time.Duration;

/** How far sending is, for those who watch it here and on other machines. For one thread. */
final class SendingProgress {
  static final Duration RECORD_INTERVAL = Duration.ofSeconds(5);

  private final RunContext run;
  private final PlannedJob job;
  private final SplitLedger ledger;
  private final JobRecorder recorder;
  private final QuotaAuthority quota;
  private final EndpointWait endpointWait;
  private final SendingCourse course;
  private final long startedAt;
  private long recordWrittenAt;

  /** Sending begins. */
  SendingProgress(
      RunContext run,
      PlannedJob job,
      SplitLedger ledger,
      JobRecorder recorder,
      QuotaAuthority quota) {
    this.run = run;
    this.job = job;
    this.ledger = ledger;
    this.recorder = recorder;
    this.quota = quota;
    this.endpointWait = new EndpointWait(run.request().options(), run.clock());
    this.course = new SendingCourse(recorder.course(), run, job.prices(), quota);
    this.startedAt = run.time().nanos();
    this.recordWrittenAt = startedAt;
  }

  /** Since sending began. */
  Duration elapsed() {
    return Duration.ofNanos(run.time().nanos() - startedAt);
  }

  /** Lets other machines see how far the job is, now and then. */
  void record() {
    long now = run.time().nanos();
    if (!run.ownership().isValid() || now - recordWrittenAt < RECORD_INTERVAL.toNanos()) {
      return;
    }
    recordWrittenAt = now;
    try {
      recorder.writeProgress(
          settledAsRecorded(), elapsed().toNanos() / 1e9, endpointWait.words(quota.waiting()));
    } catch (StorageException e) {
      run.listener().notice(String.valueOf(e.getMessage()));
    }
  }

  /** Tells the listener. */
  void tell() {
    Progress progress = quota.progress();
    Counts counts = settledSoFar(progress);
    Usage usage = counts.usage();
    long rows = job.plan().rows();
    long settled = settled(progress);
    run.listener()
        .progress(
            new RunProgress(
                rows,
                new RowCounts(settled - counts.failed(), counts.failed()),
                counts.errors(),
                new Answers(usage, job.prices().known(usage).orElse(null), progress.latencies()),
                elapsed(),
                new Moment(
                    quota.inFlight(), quota.coolDown(), endpointWait.words(quota.waiting()))));
    course.look(counts, run.ownership().isValid());
  }

  /** Sending is over. */
  void end() {
    course.end(settledAsRecorded());
  }

  /** Rows that are settled, those of earlier runs included. */
  long settled(Progress progress) {
    return Math.min(job.plan().rows(), recorder.resumedRequests() + progress.settled());
  }

  /** What earlier runs settled and what workers told of, whether or not its parts are published. */
  private Counts settledSoFar(Progress progress) {
    return recorder
        .counts()
        .plus(
            new Counts(
                new RowCounts(progress.settled() - progress.failed(), progress.failed()),
                new Spent(progress.attempts(), 0, progress.usage()),
                progress.errors()));
  }

  /** The same, with what only published parts tell. */
  private Counts settledAsRecorded() {
    Counts settled = settledSoFar(quota.progress());
    Counts published = ledger.counts();
    return new Counts(
        settled.rows(),
        new Spent(
            settled.attempts(),
            Math.max(settled.mayHaveRun(), published.mayHaveRun()),
            settled.usage(),
            published.saved()),
        settled.marks().atLeast(published.marks()),
        settled.errors());
  }
}
