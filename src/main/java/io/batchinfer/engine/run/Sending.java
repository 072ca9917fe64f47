package io.batchinfer.engine.run;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.Via;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.lead.Death;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.engine.lead.JobRecorder;
import io.batchinfer.engine.lead.PlannedJob;
import io.batchinfer.engine.lead.RunContext;
import io.batchinfer.engine.lead.SendingStage;
import io.batchinfer.engine.lead.SplitLedger;
import io.batchinfer.model.Amount;
import io.batchinfer.remote.RemoteApis;
import java.time.Duration;
import java.util.HashMap;
import java.util.UUID;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The sending stage on a cluster: its workers are tasks, which reach the driver as the cluster lets
 * them.
 */
final class Sending implements AutoCloseable {
  /** The driver's calls of a batch service carry little. */
  private static final Duration LONGEST_CALL = Duration.ofMinutes(1);

  private final Cluster cluster;
  private final RunContext run;
  private final PlannedJob job;
  private final SplitLedger ledger;
  private final JobRecorder recorder;
  private final SendingStage stage;
  private final String traceParent;

  /**
   * @param traceParent the run's span, or empty
   */
  Sending(
      Cluster cluster,
      RunContext run,
      PlannedJob job,
      SplitLedger ledger,
      JobRecorder recorder,
      String traceParent) {
    this.cluster = cluster;
    this.traceParent = traceParent;
    this.run = run;
    this.job = job;
    this.ledger = ledger;
    this.recorder = recorder;
    this.stage =
        new SendingStage(
            run,
            job,
            ledger,
            recorder,
            new EqualAnswersJob(cluster, run.folder(), job, recorder.timeFrom()));
  }

  /** As last reported. From any thread. */
  int requestsUnderWay() {
    return stage.requestsUnderWay();
  }

  /** Seconds that sending took, to the millisecond as they are stored. */
  double seconds() {
    return stage.seconds();
  }

  /** Sends until all rows are settled, which is null, or until something ends it. */
  @Nullable End run() {
    String endpointName = "batchinfer-" + UUID.randomUUID();
    try (Cluster.Held connection =
            cluster.connect(
                endpointName, stage.authority()::answer, new Deaths(), run.interrupt()::broke);
        Cluster.Held watched = cluster.watched(stage, run.time())) {
      ResolvedOptions options = run.request().options();
      if (options.get(SavingOptions.VIA) == Via.BATCH) {
        Duration longest = options.get(RetryOptions.REQUEST_TIMEOUT);
        stage.viaBatches(
            RemoteApis.open(
                options,
                run.request().secrets().headers(),
                run.request().secrets().proxies(),
                longest.compareTo(LONGEST_CALL) < 0 ? longest : LONGEST_CALL),
            new RemoteJobs(cluster, remoteSetting(endpointName)));
      }
      return stage.run(openSplits -> submit(openSplits, endpointName));
    }
  }

  private RemoteSetting remoteSetting(String endpointName) {
    ResolvedOptions options = run.request().options();
    return new RemoteSetting(
        new HashMap<>(options.asStrings()),
        job.hash().hex(),
        run.folder().root(),
        job.prices().pricing().text(),
        stage.token(),
        endpointName);
  }

  private Future<Void> submit(int openSplits, String endpointName) {
    int slots = cluster.parallelism();
    int wanted =
        run.constraints().workers().applyAsInt(cluster.isLocal() ? slots : Math.max(8, slots * 2));
    int workers = Math.max(1, Math.min(openSplits, wanted));
    ResolvedOptions options = run.request().options();
    RunSpec spec =
        new RunSpec(
            options,
            job.hash(),
            run.folder().root(),
            RunSpec.idempotencySeed(options, job.hash(), recorder.generation()),
            job.prices().pricing());
    WorkerTask task =
        new WorkerTask(
            new HashMap<>(spec.optionStrings()),
            spec.jobHash().hex(),
            spec.root(),
            spec.idempotencySeed(),
            spec.pricing().text(),
            stage.journalEpoch(),
            stage.token(),
            endpointName,
            traceParent,
            UUID.randomUUID().toString());
    return cluster.startWorkers(
        new TaskLabel(run.folder().root(), "send, " + howFar()), workers, task);
  }

  private final class Deaths implements Cluster.Deaths {
    @Override
    public void gone(String process, Death death) {
      ledger.died(process, death);
    }

    @Override
    public void ended(String process) {
      stage.authority().processEnded(process);
    }
  }

  /** As the workers find it when they begin. */
  private String howFar() {
    long settled = stage.settledRows();
    long rows = stage.rows();
    // Not a hundred before all are settled.
    long percent = rows == 0 ? 100 : (long) Math.floor(100.0 * settled / rows);
    return "%d %% of %s settled before".formatted(percent, Amount.of(rows, "row"));
  }

  @Override
  public void close() {
    stage.close();
  }
}
