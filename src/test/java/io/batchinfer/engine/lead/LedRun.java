package io.batchinfer.engine.lead;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.send.DriverClient;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaRequest;
import io.batchinfer.quota.QuotaRequest.Held;
import io.batchinfer.quota.QuotaRequest.Observed;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaRequest.Totals;
import io.batchinfer.quota.QuotaRequest.Wanted;
import io.batchinfer.quota.ReplicaReport;
import io.batchinfer.quota.SpendingCap;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a driver has of a run, in virtual time, with workers that the test plays. */
final class LedRun {
  static final int SPLITS = 3;
  static final int LINES = 400;

  final VirtualTime time = new VirtualTime();
  final InMemoryFiles files = InMemoryFiles.filesystem();
  final StoredJob stored = new StoredJob(files, SPLITS, LINES);
  final List<String> notices = new ArrayList<>();
  final List<RunProgress> progress = new ArrayList<>();
  final AtomicBoolean cancelled = new AtomicBoolean();
  final RunInterrupt interrupt = new RunInterrupt();
  final Ownership ownership = claim();
  final RunContext context;
  final PlannedJob job;
  final SplitLedger ledger;
  final JobRecorder recorder;

  LedRun(Map<String, String> options) {
    this(options, Set.of(), Optional.empty(), Optional.empty());
  }

  /**
   * @param closing what settles the open rows when it stops the run
   */
  LedRun(
      Map<String, String> options,
      Set<ErrorCode> closing,
      Optional<SpendingCap.Share> spending,
      Optional<Instant> deadline) {
    Map<String, List<String>> flags = new TreeMap<>();
    flags.put("base-url", List.of("http://a:1/v1"));
    options.forEach((name, value) -> flags.put(name, List.of(value)));
    ResolvedOptions resolved = OptionSources.builder().flags(flags).resolve();
    JobRequest request =
        new JobRequest(
            resolved,
            new RunSecrets(new TreeMap<>(), new TreeMap<>()),
            StoredJob.ROOT,
            PriceTable.parse("prices", List.of()));
    RunConstraints constraints =
        new RunConstraints(
            Optional.empty(),
            QuotaGroup.of(1),
            spending,
            cancelled::get,
            deadline,
            closing,
            slots -> slots);
    RunListener listener =
        new RunListener() {
          @Override
          public void notice(String message) {
            notices.add(message);
          }

          @Override
          public void progress(RunProgress now) {
            progress.add(now);
          }
        };
    context =
        new RunContext(
            request,
            stored.folder,
            ownership,
            time,
            time.clock(),
            interrupt,
            constraints,
            listener);
    job =
        new PlannedJob(
            stored.plan, Hash128.ZERO, JobPrices.of(request.prices(), resolved, stored.plan));
    ledger =
        new SplitLedger(
            stored.plan,
            stored.folder,
            time.elapsed(),
            Duration.ofSeconds(12),
            time,
            Runnable::run);
    recorder = JobRecorder.anew(stored.folder, request, Optional.empty());
    recorder.planned(stored.plan, new TreeMap<>(), Hash128.ZERO, job.prices());
  }

  private Ownership claim() {
    return Ownership.claim(
        files,
        stored.folder.owner(),
        Claimant.thisProcess(true),
        OwnershipTiming.DEFAULT,
        time.elapsed(),
        time,
        false);
  }

  /** Another run claims the output, after a time in which this one did not beat. */
  void takeOver() {
    claim();
    ownership.beat();
  }

  static PartCounts part() {
    return new PartCounts(
        new Counts(new RowCounts(LINES, 0), new Spent(LINES, 0, new Usage(7, 3)), new TreeMap<>()),
        0,
        100,
        0);
  }

  /** What a worker's process reports: how rows ended, and what they used. */
  static QuotaRequest report(
      String session, StatusMeaning meaning, long count, String detail, Progress progress) {
    long[] meanings = new long[StatusMeaning.values().length];
    meanings[meaning.ordinal()] = count;
    return new QuotaRequest(
        session,
        0,
        new Held(1, new double[0], 0),
        Wanted.NOTHING,
        List.of(ReplicaReport.of("http://localhost").withInFlight(1)),
        new Observed(0, StatedLimits.NONE, 0, detail, ""),
        new Totals(meanings, 0, progress.usage(), progress));
  }

  static Progress settled(long settled, long failed, Usage usage) {
    return new Progress(
        settled,
        failed,
        settled,
        usage,
        failed == 0 ? new TreeMap<>() : new TreeMap<>(Map.of("http_400", failed)),
        LatencyHistogram.NONE,
        0,
        new ProcessorTime(settled, 3 * settled, 2 * settled, 4 * settled));
  }

  static DriverClient worker(SendingStage stage, String session) {
    return new DriverClient(stage.authority()::answer, stage.token(), session);
  }

  /** Looks at batches that often, at one moment; the output stays this run's. */
  void steps(RemoteBatches batches, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      batches.step();
      ownership.beat();
    }
  }

  /** Lets time go by, and looks at batches every second. */
  void pass(RemoteBatches batches, Duration span) throws InterruptedException {
    for (long second = 0; second < span.toSeconds(); second++) {
      time.advance(Duration.ofSeconds(1));
      steps(batches, 1);
    }
  }
}
