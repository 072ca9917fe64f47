package io.batchinfer.cli;

import io.batchinfer.client.http.SharedEventLoops;
import io.batchinfer.config.ApiKeys;
import io.batchinfer.config.Dedupe;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.KeyOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.OnInvalid;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.SendOrder;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.lead.RunConstraints;
import io.batchinfer.engine.lead.SharedQuotas;
import io.batchinfer.engine.run.FileRequests;
import io.batchinfer.engine.run.JobRun;
import io.batchinfer.engine.run.RequestSource;
import io.batchinfer.engine.run.WarmEngines;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.launch.EngineRules;
import io.batchinfer.launch.RequestSecrets;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.SpendingCap;
import io.batchinfer.report.ReportingListener;
import io.batchinfer.schedule.BatchRunners;
import io.batchinfer.schedule.StopConditions;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.spark.SparkCluster;
import io.batchinfer.storage.FileStores;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.Workspace;
import io.batchinfer.store.WorkspaceSaving;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Runs the service's jobs on its Spark context, with the service's options, the settings of their
 * workspace and the deployment that they name. Thread-safe.
 */
final class ServiceRunners implements BatchRunners, AutoCloseable {
  private static final String JOB = "the job";

  private static final Duration ENGINES_KEPT = Duration.ofMinutes(10);

  /** What nobody but the job's own author can fix. */
  private static final Set<ErrorCode> CLOSING =
      Set.of(ErrorCode.MODEL_NOT_FOUND, ErrorCode.OUT_OF_BUDGET);

  private final JavaSparkContext context;
  private final ResolvedOptions base;
  private final Deployments deployments;
  private final Map<String, String> environment;
  private final AccessKeys keys;
  private final BatchRegistry registry;
  private final PriceTable prices;
  private final IntUnaryOperator workers;
  private final SharedQuotas quotas = new SharedQuotas();

  /** Kept between jobs: short ones would spend more time on starting them than on their rows. */
  private final SharedEventLoops eventLoops = SharedEventLoops.use(SharedEventLoops.usualCount());

  private final Map<String, Shares> shares = new ConcurrentHashMap<>();

  /** What the jobs of a workspace have in common. */
  private record Shares(QuotaGroup group, SpendingCap spending) {}

  ServiceRunners(
      JavaSparkContext context,
      ResolvedOptions base,
      Deployments deployments,
      Map<String, String> environment,
      AccessKeys keys,
      BatchRegistry registry,
      PriceTable prices,
      IntUnaryOperator workers) {
    this.context = context;
    this.base = base;
    this.deployments = deployments;
    this.environment = Map.copyOf(environment);
    this.keys = keys;
    this.registry = registry;
    this.prices = prices;
    this.workers = workers;
  }

  @Override
  public Prepared runner(
      BatchJob job,
      List<String> inputs,
      JobFolder run,
      StopConditions conditions,
      RunListener listener) {
    Workspace workspace = keys.workspace(job.workspace());
    // Where nothing is sent any more, no configuration may keep the job from its end.
    ResolvedOptions options =
        conditions.ending() ? ofEnding(job, base) : configured(job, workspace);
    options = keptWarm(EngineRules.resolved(options));
    options = run.readRecord().map(JobRecord::identity).map(options::withIdentity).orElse(options);
    Optional<String> key =
        conditions.ending() ? Optional.empty() : ApiKeys.read(options, environment);
    JobRequest request =
        new JobRequest(
            options, RequestSecrets.of(options, key, environment), run.root(), prices, job.id());
    Shares shared = shares.computeIfAbsent(job.workspace(), this::sharesOf);
    SharedQuotas.Use quota = quotas.use(options, key);
    SpendingCap.Share spending = shared.spending().join();
    try {
      FileRequests source =
          new FileRequests(
              new FileStores(context::hadoopConfiguration), inputs, options, run.root());
      return sharing(job, request, source, conditions, listener, shared.group(), quota, spending);
    } catch (Throwable thrown) {
      quota.close();
      spending.close();
      throw thrown;
    }
  }

  private Prepared sharing(
      BatchJob job,
      JobRequest request,
      RequestSource source,
      StopConditions conditions,
      RunListener listener,
      QuotaGroup group,
      SharedQuotas.Use quota,
      SpendingCap.Share spending) {
    RunConstraints runTerms =
        new RunConstraints(
            Optional.of(quota.quota()),
            group,
            // What sends nothing spends nothing, so no cap may keep it from its end either.
            conditions.ending() ? Optional.empty() : Optional.of(spending),
            conditions.cancelled(),
            Optional.of(conditions.deadline()),
            CLOSING,
            workers);
    return new SharingRunner(
        context,
        job.workspace(),
        new JobRun(
            new SparkCluster(context), request, source, runTerms, new ReportingListener(listener)),
        quota,
        spending);
  }

  private Shares sharesOf(String workspace) {
    return new Shares(
        // Asked under the locks of the quota, where no file may be read.
        new QuotaGroup(1, () -> keys.lastKnown(workspace).concurrency().orElse(Integer.MAX_VALUE)),
        new SpendingCap(
            () -> keys.lastKnown(workspace).maxCost().orElse(Double.POSITIVE_INFINITY),
            registry.spent(workspace)));
  }

  /** The options of a job, from wherever the others come. */
  private static ResolvedOptions ofJob(BatchJob job, ResolvedOptions from) {
    BatchJob.Spec spec = job.spec();
    ResolvedOptions options =
        from.with(EndpointOptions.ENDPOINT, spec.endpoint(), JOB)
            .with(ModelOptions.KEEP_LINE_MODELS, true, JOB)
            .with(InputOutputOptions.ON_INVALID, OnInvalid.RECORD, JOB)
            .with(JobLimitOptions.MAX_FAILURE_RATE, 1.0, JOB)
            .with(JobLimitOptions.TIMEOUT_HOURS, spec.lifetime().timeoutHours(), JOB)
            .with(RepeatOptions.METADATA, new HashMap<>(spec.metadata()), JOB);
    if (spec.target().model() != null) {
      options =
          options.with(ModelOptions.MODEL, Objects.requireNonNull(spec.target().model()), JOB);
    }
    if (spec.target().agentId() != null) {
      options =
          options.with(ModelOptions.AGENT_ID, Objects.requireNonNull(spec.target().agentId()), JOB);
    }
    return options;
  }

  private static ResolvedOptions ofEnding(BatchJob job, ResolvedOptions base) {
    return ofJob(job, base).without(KeyOptions.API_KEY_ENV).without(KeyOptions.API_KEY_FILE);
  }

  private ResolvedOptions configured(BatchJob job, Workspace workspace) {
    BatchJob.Spec spec = job.spec();
    ResolvedOptions options =
        ofJob(
            job,
            spec.target().deployment() == null
                ? base
                : deployments
                    .options(spec.target().deployment())
                    .with(EndpointOptions.DEPLOYMENT, spec.target().deployment(), JOB));
    boolean ownKey = workspace.apiKeyEnv().isPresent() || workspace.apiKeyFile().isPresent();
    boolean deploymentsKey =
        spec.target().deployment() != null
            && (options.isGiven(KeyOptions.API_KEY_ENV)
                || options.isGiven(KeyOptions.API_KEY_FILE));
    if (ownKey && !deploymentsKey) {
      options = options.without(KeyOptions.API_KEY_ENV).without(KeyOptions.API_KEY_FILE);
      String source = "workspace " + workspace.name();
      if (workspace.apiKeyEnv().isPresent()) {
        options = options.with(KeyOptions.API_KEY_ENV, workspace.apiKeyEnv().get(), source);
      } else {
        options =
            options.with(KeyOptions.API_KEY_FILE, workspace.apiKeyFile().orElseThrow(), source);
      }
    }
    return saving(job, workspace, options);
  }

  /** How long its engines are kept, by its deployment, the service's options or neither. */
  private ResolvedOptions keptWarm(ResolvedOptions options) {
    return options.find(EngineOptions.ENGINE).isEmpty()
            || options.isGiven(EngineOptions.ENGINE_IDLE)
        ? options
        : options.with(
            EngineOptions.ENGINE_IDLE,
            base.find(EngineOptions.ENGINE_IDLE).orElse(ENGINES_KEPT),
            "the service");
  }

  /** What a deployment says itself goes before what the workspace says. */
  private ResolvedOptions saving(BatchJob job, Workspace workspace, ResolvedOptions from) {
    WorkspaceSaving saving = workspace.saving();
    String source = "workspace " + workspace.name();
    boolean deployed = job.spec().target().deployment() != null;
    ResolvedOptions options = from;
    if (saving.dedupe().isPresent() && !(deployed && from.isGiven(SavingOptions.DEDUPE))) {
      Dedupe dedupe = Dedupe.valueOf(saving.dedupe().get().toUpperCase(Locale.ROOT));
      options = options.with(SavingOptions.DEDUPE, dedupe, source);
    }
    if (saving.order().isPresent() && !(deployed && from.isGiven(SavingOptions.ORDER))) {
      SendOrder order = SendOrder.valueOf(saving.order().get().toUpperCase(Locale.ROOT));
      options = options.with(SavingOptions.ORDER, order, source);
    }
    List<String> outputs =
        new WorkspaceOutputs(registry, new FileStores(context::hadoopConfiguration))
            .before(job, saving.reuse().orElse(0));
    // Not those of the service's own options: they would be answers of others.
    return outputs.isEmpty()
        ? options.without(SavingOptions.REUSE)
        : options.with(SavingOptions.REUSE, outputs, source);
  }

  /** A run among those of other jobs, and what it shares with them. */
  private record SharingRunner(
      JavaSparkContext context,
      String workspace,
      JobRun runner,
      SharedQuotas.Use quota,
      SpendingCap.Share spending)
      implements Prepared {
    private static final String POOL = "spark.scheduler.pool";

    @Override
    public JobRecord run() {
      // A pool for each workspace: within one, tasks wait for those that came before.
      context.setLocalProperty(POOL, workspace);
      try {
        return runner.run();
      } finally {
        context.setLocalProperty(POOL, null);
      }
    }

    @Override
    public void interrupt(int exitCode) {
      runner.interrupt(exitCode);
    }

    @Override
    public void close() {
      quota.close();
      spending.close();
    }
  }

  @Override
  public void close() {
    quotas.close();
    eventLoops.close();
    WarmEngines.endHere();
  }
}
