package io.batchinfer.cli;

import io.batchinfer.api.NotedRequest;
import io.batchinfer.config.ApiKeys;
import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ResolvedOptions;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** {@code serve}: the HTTP service. */
final class ServeCommand extends OptionCommand {
  private static final long OPENAI_LINES = 50_000;
  private static final long OPENAI_BYTES = 200L << 20;
  private static final int LARGEST_BODY = 64 << 20;
  private static final Duration LOOK = Duration.ofMillis(200);

  private static final List<Option<?>> OPTIONS =
      List.of(
          Options.STORE,
          Options.HOST,
          Options.PORT,
          Options.KEYS_FILE,
          Options.TLS_CERTIFICATE,
          Options.TLS_KEY,
          Options.PUBLIC_URL,
          Options.MAX_RUNNING_JOBS,
          Options.MAX_RUNNING_JOBS_PER_WORKSPACE,
          Options.MAX_PENDING_REQUESTS,
          Options.MAX_UPLOAD_BYTES,
          Options.BATCH_MAX_LINES,
          Options.BATCH_MAX_BYTES,
          Options.BATCH_MIXED_MODELS,
          Options.MAX_CONNECTIONS,
          Options.METRICS_BY_WORKSPACE,
          Options.MAX_LINE_BYTES,
          Options.SPLIT_BYTES,
          Options.FLUSH_INTERVAL,
          Options.MEDIA_ROOT,
          Options.BASE_URL,
          Options.PROVIDER,
          Options.CA_FILE,
          Options.HTTP_VERSION,
          Options.SIMULATE,
          Options.API_KEY_ENV,
          Options.API_KEY_FILE,
          Options.API_KEY_HEADER,
          Options.API_KEY_SCHEME,
          Options.HEADER,
          Options.EMBEDDINGS_ENCODING,
          Options.CONCURRENCY,
          Options.REQUESTS_PER_MINUTE,
          Options.TOKENS_PER_MINUTE,
          Options.MAX_RESPONSE_BYTES,
          Options.REQUEST_TIMEOUT,
          Options.CONNECT_TIMEOUT,
          Options.MAX_ATTEMPTS,
          Options.RETRY_AMBIGUOUS,
          Options.MAX_COOL_DOWN,
          Options.WAIT_FOR_ENDPOINT,
          Options.DRAIN_TIMEOUT,
          Options.TAKE_OVER,
          Options.CONFIG,
          Options.VERBOSE);

  private final CountDownLatch stopping = new CountDownLatch(1);

  ServeCommand() {
    super(
        "serve",
        "Serves Mistral's and OpenAI's batch APIs over HTTP, for their SDKs as they are.",
        OPTIONS);
  }

  @Override
  String details() {
    return "Prints its address when it is ready and runs until it is interrupted; jobs go on with the next start.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer keys create --keys-file keys.json --workspace team-a",
        "batchinfer serve --store data --keys-file keys.json --base-url http://vllm:8000");
  }

  @Override
  int run(ResolvedOptions given, Terminal terminal) throws Exception {
    Map<String, String> environment = System.getenv();
    String folder = given.require(Options.STORE);
    Path keysFile = Path.of(given.require(Options.KEYS_FILE));
    ServiceSettings settings = settings(given);
    boolean simulate = given.get(Options.SIMULATE);
    if (!simulate && given.find(Options.BASE_URL).orElse(List.of()).isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "No endpoint is named. Give --base-url URL or --provider NAME, or --simulate to try things out.");
    }
    if (!simulate) {
      ApiKeys.read(given, environment);
    }
    int mostRunning = given.get(Options.MAX_RUNNING_JOBS);
    Consumer<String> log =
        line -> {
          terminal.err().println(line);
          terminal.err().flush();
        };
    try (ServiceHook hook = new ServiceHook(stopping, given.get(Options.DRAIN_TIMEOUT));
        SystemTime time = new SystemTime("batchinfer-service");
        SparkContexts spark =
            SparkContexts.open(
                environment, Map.of("spark.scheduler.mode", "FAIR"), localTasks(mostRunning));
        Simulation simulation = Simulation.start(simulate, spark)) {
      ResolvedOptions options = simulation.applyTo(given);
      FileStores stores = new FileStores(spark.context()::hadoopConfiguration);
      BatchStore store = new BatchStore(stores, folder);
      Elapsed elapsed = new Elapsed(time, Clock.systemUTC());
      try (Ownership ownership =
              Ownership.claim(
                  stores,
                  store.owner(),
                  Claimant.thisProcess(spark.context().isLocal()),
                  OwnershipTiming.DEFAULT,
                  elapsed,
                  time,
                  options.get(Options.TAKE_OVER));
          OwnerPulse pulse = new OwnerPulse(ownership, time, log)) {
        StoreLimits storeLimits =
            new StoreLimits(settings.maxPendingRequests(), settings.maxUploadBytes());
        store.write(storeLimits);
        AccessKeys keys = AccessKeys.open(keysFile, time, log);
        ServiceMetrics metrics = new ServiceMetrics(options.get(Options.METRICS_BY_WORKSPACE));
        BatchRegistry registry =
            new BatchRegistry(store, Clock.systemUTC(), metrics, ownership::isValid, log);
        registry.load();
        Deployments deployments = new Deployments(confFolder());
        try (ServiceRunners runners =
                new ServiceRunners(
                    spark.context(),
                    options,
                    deployments,
                    environment,
                    keys,
                    registry,
                    PriceTable.load(confFolder()),
                    unused -> workers(spark, mostRunning));
            BatchScheduler scheduler =
                new BatchScheduler(
                    registry,
                    runners,
                    new InputCheck(registry, limits(options)),
                    () -> mostAtOnce(spark, mostRunning),
                    options.get(Options.MAX_RUNNING_JOBS_PER_WORKSPACE),
                    log)) {
          BatchService.Parts parts =
              new BatchService.Parts(
                  registry,
                  scheduler,
                  keys,
                  metrics,
                  time,
                  log,
                  ownership::isValid,
                  deployments::mayUse);
          StoreChanges changes =
              new StoreChanges(
                  registry,
                  new ChangeRules(storeLimits, deployments::mayUse, NotedRequest::read),
                  scheduler::wake);
          Inbox inbox = new Inbox(store, changes, ownership::isValid, log);
          Housekeeping housekeeping = new Housekeeping(registry, ownership::isValid);
          scheduler.start();
          try (Periodic looks =
                  Periodic.start("batchinfer-keys", Duration.ofSeconds(1), keys::lookAgain, log);
              Periodic notes =
                  Periodic.start("batchinfer-inbox", Inbox.BETWEEN_LOOKS, inbox::look, log);
              Periodic cleaning =
                  Periodic.start(
                      "batchinfer-housekeeping",
                      Housekeeping.BETWEEN_ROUNDS,
                      housekeeping::clean,
                      log);
              BatchService service = BatchService.start(settings, parts)) {
            terminal.out().println(service.url());
            terminal.out().flush();
            return serve(ownership, spark);
          }
        }
      }
    }
  }

  /** A task mostly waits for answers, so that there may be many more of them than processors. */
  private static int localTasks(int mostRunning) {
    return Runtime.getRuntime().availableProcessors() * (mostRunning + 4);
  }

  private int serve(Ownership ownership, SparkContexts spark) throws InterruptedException {
    while (!stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
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
    return 0;
  }

  /** On a cluster no more jobs than there are tasks, so that each has at least one. */
  private static int mostAtOnce(SparkContexts spark, int mostRunning) {
    return spark.context().isLocal()
        ? mostRunning
        : Math.min(mostRunning, spark.context().defaultParallelism());
  }

  /**
   * Tasks of a job: as many as there are processors where all is in one process, else a part that
   * leaves the others theirs.
   */
  private static int workers(SparkContexts spark, int mostRunning) {
    return spark.context().isLocal()
        ? Runtime.getRuntime().availableProcessors()
        : Math.max(1, spark.context().defaultParallelism() / mostAtOnce(spark, mostRunning));
  }

  private static InputCheck.Limits limits(ResolvedOptions options) {
    Optional<ProviderProfile> profile = options.profile();
    return new InputCheck.Limits(
        options
            .find(Options.BATCH_MAX_LINES)
            .or(() -> profile.flatMap(ProviderProfile::maxBatchLines))
            .orElse(OPENAI_LINES),
        options
            .find(Options.BATCH_MAX_BYTES)
            .or(() -> profile.flatMap(ProviderProfile::maxBatchBytes))
            .orElse(OPENAI_BYTES),
        (int) Math.min(Integer.MAX_VALUE - 64L, options.get(Options.MAX_LINE_BYTES)),
        options.get(Options.BATCH_MIXED_MODELS));
  }

  private static ServiceSettings settings(ResolvedOptions options) {
    Optional<String> chain = options.find(Options.TLS_CERTIFICATE);
    Optional<String> key = options.find(Options.TLS_KEY);
    if (chain.isPresent() != key.isPresent()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "HTTPS needs both --tls-certificate and --tls-key; only one of them is given.");
    }
    return new ServiceSettings(
        options.get(Options.HOST),
        options.get(Options.PORT),
        chain.map(
            file ->
                new ServiceSettings.Certificate(
                    readable(file, Options.TLS_CERTIFICATE),
                    readable(key.orElseThrow(), Options.TLS_KEY))),
        options.find(Options.PUBLIC_URL).map(url -> url.replaceFirst("/+$", "")),
        options.get(Options.MAX_PENDING_REQUESTS),
        options.get(Options.MAX_UPLOAD_BYTES),
        LARGEST_BODY,
        options.get(Options.MAX_CONNECTIONS));
  }

  private static Path readable(String file, Option<?> option) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The file \"%s\" of %s cannot be read; name a readable PEM file."
              .formatted(file, option.flag()));
    }
    return path;
  }
}
