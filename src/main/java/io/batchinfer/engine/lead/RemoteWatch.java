package io.batchinfer.engine.lead;

import io.batchinfer.job.RunProgress;
import io.batchinfer.job.RunProgress.Answers;
import io.batchinfer.job.RunProgress.Moment;
import io.batchinfer.model.Amount;
import io.batchinfer.model.Counts;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.remote.RemoteBatch;
import io.batchinfer.storage.StorageException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Tells how far the batches of a round are, here and on other machines. For one thread. */
final class RemoteWatch {
  private static final Duration TELL_INTERVAL = Duration.ofMillis(250);

  private final RunContext run;
  private final PlannedJob job;
  private final JobRecorder recorder;
  private final long startedAt;
  private long toldAt;
  private long recordedAt;

  RemoteWatch(RunContext run, PlannedJob job, JobRecorder recorder) {
    this.run = run;
    this.job = job;
    this.recorder = recorder;
    this.startedAt = run.time().nanos();
    this.toldAt = startedAt - TELL_INTERVAL.toNanos();
    this.recordedAt = startedAt - SendingProgress.RECORD_INTERVAL.toNanos();
  }

  /** Tells, unless it has just done so. */
  void tell(List<BatchOnItsWay> batches) {
    long now = run.time().nanos();
    if (now - toldAt < TELL_INTERVAL.toNanos()) {
      return;
    }
    toldAt = now;
    String words = words(batches, now);
    Counts settled = recorder.counts();
    run.listener()
        .progress(
            new RunProgress(
                job.plan().rows(),
                settled.rows(),
                settled.errors(),
                new Answers(
                    settled.usage(),
                    job.prices().known(settled.usage()).orElse(null),
                    LatencyHistogram.NONE),
                Duration.ofNanos(now - startedAt),
                new Moment(0, Duration.ZERO, words)));
    if (now - recordedAt >= SendingProgress.RECORD_INTERVAL.toNanos()
        && run.ownership().isValid()) {
      recordedAt = now;
      try {
        recorder.writeProgress(settled, (now - startedAt) / 1e9, words);
      } catch (StorageException e) {
        run.listener().notice(String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * {@code 3 of 20 batches done, 5 at the provider (12,000 of 250,000 requests), next look in 30
   * s}.
   */
  static String words(List<BatchOnItsWay> batches, long now) {
    long done = batches.stream().filter(batch -> batch.note().done()).count();
    long there = batches.stream().filter(BatchOnItsWay::isCreated).count();
    long through = 0;
    long requests = 0;
    long next = Long.MAX_VALUE;
    for (BatchOnItsWay batch : batches) {
      RemoteBatch seen = batch.seen;
      if (batch.isCreated()) {
        requests += batch.work().load().rows();
        through += seen == null ? 0 : seen.counts().done();
        next = Math.min(next, batch.nextLook() - now);
      }
    }
    String look =
        next == Long.MAX_VALUE
            ? ""
            : ", next look in %d s".formatted(Math.max(0, Duration.ofNanos(next).toSeconds()));
    String begun =
        String.format(
            Locale.ROOT, "%,d of %s done", done, Amount.of(batches.size(), "batch", "batches"));
    return there == 0
        ? begun + look
        : begun
            + String.format(
                Locale.ROOT,
                ", %,d at the provider (%,d of %s %s answered)%s",
                there,
                through,
                there == 1 ? "its" : "their",
                Amount.of(requests, "request"),
                look);
  }
}
