package io.batchinfer.cli;

import io.batchinfer.api.NotedRequest;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.ServiceOptions;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.schedule.InputCheck;
import io.batchinfer.service.BatchService;
import io.batchinfer.service.ServiceSettings;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.spark.SparkContexts;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnerPulse;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.BatchStore;
import io.batchinfer.store.ChangeRules;
import io.batchinfer.store.Housekeeping;
import io.batchinfer.store.Inbox;
import io.batchinfer.store.Periodic;
import io.batchinfer.store.StoreChanges;
import io.batchinfer.store.StoreLimits;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A service over one store, from the claim of the store to the last answer. What it needs is opened
 * in three steps, the owner's mark first and the port last, and closed in the opposite order.
 */
final class ServiceRun {
  private static final long OPENAI_LINES = 50_000;
  private static final long OPENAI_BYTES = 200L << 20;
  private static final Duration LOOK = Duration.ofMillis(200);

  private final ResolvedOptions options;
  private final ServiceSettings settings;
  private final SparkContexts spark;
  private final SystemTime time;
  private final OptionCommand.Terminal terminal;

  ServiceRun(
      ResolvedOptions options,
      ServiceSettings settings,
      SparkContexts spark,
      SystemTime time,
      OptionCommand.Terminal terminal) {
    this.options = options;
    this.settings = settings;
    this.spark = spark;
    this.time = time;
    this.terminal = terminal;
  }

  private void log(String line) {
    terminal.err().println(line);
    terminal.err().flush();
  }

  /** Serves until it is told to stop; returns the exit code. */
  int untilStopped(CountDownLatch stopping) throws Exception {
    FileStores stores = new FileStores(spark.context()::hadoopConfiguration);
    BatchStore store = new BatchStore(stores, options.require(ServiceOptions.STORE));
    try (Ownership ownership =
            Ownership.claim(
                stores,
                store.owner(),
                Claimant.thisProcess(spark.context().isLocal()),
                OwnershipTiming.DEFAULT,
                new Elapsed(time, Clock.systemUTC()),
                time,
                options.get(RepeatOptions.TAKE_OVER));
        OwnerPulse pulse = new OwnerPulse(ownership, time, this::log)) {
      return withJobs(store, ownership, stopping);
    }
  }

  private int withJobs(BatchStore store, Ownership ownership, CountDownLatch stopping)
      throws Exception {
    StoreLimits limits = new StoreLimits(settings.maxPendingRequests(), settings.maxUploadBytes());
    store.write(limits);
    AccessKeys keys =
        AccessKeys.open(Path.of(options.require(ServiceOptions.KEYS_FILE)), time, this::log);
    ServiceMetrics metrics = new ServiceMetrics(options.get(ServiceOptions.METRICS_BY_WORKSPACE));
    BatchRegistry registry =
        new BatchRegistry(store, Clock.systemUTC(), metrics, ownership::isValid, this::log);
    registry.load();
    Deployments deployments = new Deployments(ServeCommand.confFolder());
    try (ServiceRunners runners = runners(deployments, keys, registry);
        BatchScheduler scheduler =
            new BatchScheduler(
                registry,
                runners,
                new InputCheck(registry, inputLimits()),
                this::mostAtOnce,
                options.get(ServiceOptions.MAX_RUNNING_JOBS_PER_WORKSPACE),
                this::log)) {
      StoreChanges changes =
          new StoreChanges(
              registry,
              new ChangeRules(limits, deployments::mayUse, NotedRequest::read),
              scheduler::wake);
      scheduler.start();
      return listening(
          new BatchService.Parts(
              registry,
              scheduler,
              keys,
              metrics,
              time,
              this::log,
              ownership::isValid,
              deployments::mayUse),
          new Inbox(store, changes, ownership::isValid, this::log),
          ownership,
          stopping);
    }
  }

  private ServiceRunners runners(Deployments deployments, AccessKeys keys, BatchRegistry registry) {
    return new ServiceRunners(
        spark.context(),
        options,
        deployments,
        System.getenv(),
        keys,
        registry,
        PriceTable.load(ServeCommand.confFolder()),
        unused -> workers());
  }

  private int listening(
      BatchService.Parts parts, Inbox inbox, Ownership ownership, CountDownLatch stopping)
      throws Exception {
    Housekeeping housekeeping = new Housekeeping(parts.registry(), ownership::isValid);
    try (Periodic looks =
            Periodic.start(
                "batchinfer-keys", Duration.ofSeconds(1), parts.keys()::lookAgain, this::log);
        Periodic notes =
            Periodic.start("batchinfer-inbox", Inbox.BETWEEN_LOOKS, inbox::look, this::log);
        Periodic cleaning =
            Periodic.start(
                "batchinfer-housekeeping",
                Housekeeping.BETWEEN_ROUNDS,
                housekeeping::clean,
                this::log);
        BatchService service = BatchService.start(settings, parts)) {
      terminal.out().println(service.url());
      terminal.out().flush();
      while (!stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        refuseToGoOn(ownership);
      }
      return 0;
    }
  }

  private void refuseToGoOn(Ownership ownership) {
    if (ownership.isLost()) {
      throw new BatchException(
          ErrorCode.OWNED_BY_ANOTHER_RUN,
          "Another service took the store over. This one stops; what was answered is saved.");
    }
    if (spark.isStopped()) {
      throw new BatchException(
          ErrorCode.INTERRUPTED,
          "Spark has ended the application. This service stops; what was answered is saved, and the next start goes on with its jobs.");
    }
  }

  /** A task mostly waits for answers, so that there may be many more of them than processors. */
  static int localTasks(int mostRunning) {
    return Runtime.getRuntime().availableProcessors() * (mostRunning + 4);
  }

  /** On a cluster no more jobs than there are tasks, so that each has at least one. */
  private int mostAtOnce() {
    int mostRunning = options.get(ServiceOptions.MAX_RUNNING_JOBS);
    return spark.context().isLocal()
        ? mostRunning
        : Math.min(mostRunning, spark.context().defaultParallelism());
  }

  /**
   * Tasks of a job: as many as there are processors where all is in one process, else a part that
   * leaves the others theirs.
   */
  private int workers() {
    return spark.context().isLocal()
        ? Runtime.getRuntime().availableProcessors()
        : Math.max(1, spark.context().defaultParallelism() / mostAtOnce());
  }

  private InputCheck.Limits inputLimits() {
    Optional<ProviderProfile> profile = options.profile();
    return new InputCheck.Limits(
        options
            .find(ServiceOptions.BATCH_MAX_LINES)
            .or(() -> profile.flatMap(ProviderProfile::maxBatchLines))
            .orElse(OPENAI_LINES),
        options
            .find(ServiceOptions.BATCH_MAX_BYTES)
            .or(() -> profile.flatMap(ProviderProfile::maxBatchBytes))
            .orElse(OPENAI_BYTES),
        (int) Math.min(Integer.MAX_VALUE - 64L, options.get(InputOutputOptions.MAX_LINE_BYTES)),
        options.get(ServiceOptions.BATCH_MIXED_MODELS));
  }
}
