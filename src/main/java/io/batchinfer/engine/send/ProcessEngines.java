package io.batchinfer.engine.send;

import io.batchinfer.client.AttemptObserver;
import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.http.HttpTransport;
import io.batchinfer.client.http.SharedEventLoops;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineCommand;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.EnginePer;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.server.Engine;
import io.batchinfer.engine.server.EngineKind;
import io.batchinfer.engine.server.EngineProbe;
import io.batchinfer.engine.server.EngineSettings;
import io.batchinfer.engine.server.EngineUse;
import io.batchinfer.engine.server.SharedFolder;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines of one run in this process: started by its first worker, ended by its last. The
 * driver is told how they are, and their logs are kept in the run's folder. Thread-safe.
 */
final class ProcessEngines implements EndpointTransports, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessEngines.class);
  private static final String GPU_VARIABLE = "CUDA_VISIBLE_DEVICES";

  /** Where vLLM looks for ports that its own processes use among themselves. */
  private static final String VLLM_PORT_VARIABLE = "VLLM_PORT";

  private static final Duration SAVE_INTERVAL = Duration.ofSeconds(60);
  private static final DateTimeFormatter LOG_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'-'");

  /** Lines of its log that are told of an engine that is given up. */
  private static final int TOLD_LINES = 12;

  private final WorkerSetting setting;
  private final ProcessMeans means;
  private final SystemTime time;
  private final DriverClient driver;
  private final RunSecrets secrets;
  private final JobFolder folder;
  private final List<EngineUse> engines = new ArrayList<>();

  /** What each of them is, in their order. */
  private final List<EngineKind> kinds = new ArrayList<>();

  /** How long they are kept for the next run; zero where they end with this one. */
  private final Duration idle;

  private final Saved saved = new Saved();

  private ProcessEngines(WorkerSetting setting, ProcessMeans means) {
    this.means = means;
    this.time = means.timeOf().apply(broken -> LOG.error("The engines' time is broken", broken));
    this.setting = setting;
    // A session of its own: the one that sends is not to fall silent while an engine starts.
    this.driver =
        new DriverClient(
            setting.driver(), setting.token(), "e" + UUID.randomUUID().toString().replace("-", ""));
    this.secrets = driver.secrets(setting.process());
    this.folder = new JobFolder(setting.store(), setting.spec().root());
    ResolvedOptions options = setting.spec().options();
    this.idle =
        options.get(EngineOptions.ENGINE_PER) == EnginePer.NODE
            ? Duration.ZERO
            : options.find(EngineOptions.ENGINE_IDLE).orElse(Duration.ZERO);
  }

  /**
   * Starts those of a run and returns once one of them at least answers.
   *
   * @throws BatchException {@link ErrorCode#ENGINE_FAILED} where none does; {@link ErrorCode#USAGE}
   *     where their command cannot be put together
   */
  static ProcessEngines start(WorkerSetting setting, ProcessMeans means)
      throws InterruptedException {
    return start(setting, means, Engine::takeOrStart);
  }

  /** As above, with engines from elsewhere. */
  static ProcessEngines start(WorkerSetting setting, ProcessMeans means, EngineSource source)
      throws InterruptedException {
    ProcessEngines started = new ProcessEngines(setting, means);
    try {
      started.startAll(source);
      started.awaitReady();
      return started;
    } catch (Throwable thrown) {
      started.close();
      throw thrown;
    }
  }

  private void startAll(EngineSource source) {
    ResolvedOptions options = setting.spec().options();
    EngineCommand command = EngineCommand.of(options.require(EngineOptions.ENGINE));
    JobView job = JobView.read(setting.spec(), folder);
    EngineRows rows = EngineRows.of(job, AudioForms.of(setting.store(), setting.spec()));
    String model = rows.modelFor(command);
    SecretMask mask = mask();
    List<String> gpus = setting.engine().gpus();
    List<List<String>> seats = List.of(gpus);
    if (options.get(EngineOptions.ENGINE_PER) == EnginePer.GPU && !gpus.isEmpty()) {
      seats = gpus.stream().map(List::of).toList();
    }
    Optional<Path> sharedIn =
        options.get(EngineOptions.ENGINE_PER) == EnginePer.NODE
            ? Optional.of(sharedFolder())
            : Optional.empty();
    String name =
        sharedIn.isPresent()
            ? "engine of machine " + host()
            : "engine of executor " + setting.process();
    EngineSettings.Patience patience =
        EngineSettings.Patience.of(
            options.get(EngineOptions.ENGINE_READY_TIMEOUT),
            options.get(EngineOptions.ENGINE_HUNG_AFTER));
    for (List<String> seat : seats) {
      EngineKind kind =
          new EngineKind(
              options.find(EndpointOptions.DEPLOYMENT).orElse(""),
              command.filled(values(options, "{port}", model, rows.adapters(), seat)),
              secrets.engine(),
              seat,
              healthPaths(options),
              patience.ready(),
              patience.hung());
      kinds.add(kind);
      engines.add(
          source.takeOrStart(
              kind,
              new EngineSettings(
                  seats.size() > 1 ? name + ", GPU " + seat.get(0) : name,
                  port ->
                      command.filled(
                          values(options, Integer.toString(port), model, rows.adapters(), seat)),
                  environment(seat),
                  seat,
                  sharedIn,
                  new EngineProbe(healthPaths(options), rows.probe(), secrets.headers()),
                  patience,
                  means.clock(),
                  mask),
              time,
              this::tell));
    }
  }

  private String host() {
    String host = setting.engine().host();
    return host.isEmpty() ? "localhost" : host;
  }

  /** The same for all processes of this machine that work for the run now. */
  private Path sharedFolder() {
    UUID name =
        UUID.nameUUIDFromBytes(
            (setting.key() + "#" + setting.engine().submission()).getBytes(StandardCharsets.UTF_8));
    try {
      return SharedFolder.of(name.toString(), means.clock().instant());
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The executors of \"%s\" cannot share an engine (%s); give --engine-per executor instead."
              .formatted(host(), e.getMessage()),
          e);
    }
  }

  private SecretMask mask() {
    List<String> hidden = new ArrayList<>(secrets.values());
    hidden.addAll(secrets.engine().values());
    return new SecretMask(hidden);
  }

  private static List<String> healthPaths(ResolvedOptions options) {
    return options
        .find(EngineOptions.ENGINE_HEALTH)
        .map(List::of)
        .orElse(List.of("/health", "/v1/models"));
  }

  private static Map<String, String> values(
      ResolvedOptions options,
      String port,
      String model,
      List<String> adapters,
      List<String> gpus) {
    return Map.of(
        EngineCommand.QUANTIZATION,
        options.find(EngineOptions.QUANTIZATION).orElse(""),
        EngineCommand.IMAGE_TAG,
        options.find(EngineOptions.IMAGE_TAG).orElse(""),
        EngineCommand.PORT,
        port,
        EngineCommand.HOST,
        "127.0.0.1",
        EngineCommand.MODEL,
        model,
        EngineCommand.GPUS,
        String.join(",", gpus),
        EngineCommand.GPU_COUNT,
        Integer.toString(gpus.size()),
        EngineCommand.ADAPTERS,
        String.join(",", adapters));
  }

  private Map<String, String> environment(List<String> gpus) {
    Map<String, String> environment = new HashMap<>(secrets.engine());
    if (!gpus.isEmpty()) {
      environment.putIfAbsent(GPU_VARIABLE, String.join(",", gpus));
    }
    if (System.getenv(VLLM_PORT_VARIABLE) == null) {
      environment.putIfAbsent(VLLM_PORT_VARIABLE, Integer.toString(Engine.freePort()));
    }
    return environment;
  }

  private void awaitReady() throws InterruptedException {
    boolean givenUp = true;
    for (EngineUse engine : engines) {
      boolean ready = engine.awaitReady();
      // One that is not wanted any more has ended: nothing is sent then.
      givenUp &= !ready && engine.figures().state() == State.GIVEN_UP;
    }
    if (givenUp) {
      throw new BatchException(
          ErrorCode.ENGINE_FAILED, engines.get(0).name() + ": " + engines.get(0).figures().words());
    }
  }

  /**
   * Tells the driver of an engine, on the engine's thread, which nothing here may end.
   *
   * @return whether the run still has something to send
   */
  private boolean tell(EngineUse engine) {
    EngineFigures figures = engine.figures();
    boolean due =
        engine.printedBytes() != saved.bytes(engine.name())
            && time.nanos() - saved.at(engine.name()) > SAVE_INTERVAL.toNanos();
    if (figures.state() != State.READY || due) {
      saveLog(engine);
    }
    return driver.engine(
        setting.process(),
        figures.state() == State.GIVEN_UP ? figures.withWords(withLog(engine)) : figures);
  }

  private String withLog(EngineUse engine) {
    List<String> lines = engine.lastLines();
    return "%s (log: %s). It printed last:%n%s"
        .formatted(
            engine.figures().words(),
            log(engine),
            String.join("\n", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size())));
  }

  private String log(EngineUse engine) {
    return folder.engineLog(
        LOG_TIME.format(engine.figures().startedAt().atOffset(ZoneOffset.UTC))
            + engine.name().replaceAll("[^A-Za-z0-9]+", "-").replace("engine-of-", ""));
  }

  private void saveLog(EngineUse engine) {
    saved.put(engine.name(), engine.printedBytes(), time.nanos());
    if (engine.printedBytes() == 0) {
      // Nothing yet, or it is kept by another process, which saves it.
      return;
    }
    try {
      setting.store().replace(log(engine), engine.printed());
    } catch (StorageException e) {
      LOG.warn("What {} printed is not saved: {}", engine.name(), e.getMessage());
    }
  }

  /** What counts the answers of each, and passes everything on. */
  AttemptObserver counting(AttemptObserver next) {
    return (replica, request, attempt, nanos) -> {
      ReplyFacts facts = attempt.facts();
      if (attempt.meaning() == StatusMeaning.ANSWERED) {
        served(replica, facts == null ? 0 : facts.usage().completionTokens());
      }
      next.attempted(replica, request, attempt, nanos);
    };
  }

  private void served(String name, long tokens) {
    for (EngineUse engine : engines) {
      if (engine.name().equals(name)) {
        engine.served(tokens);
      }
    }
  }

  @Override
  public List<? extends InferenceChannel> open(
      ResolvedOptions options,
      RunSecrets withHeaders,
      SystemTime time,
      BooleanSupplier maySend,
      Closer closer) {
    int loops = SharedEventLoops.usualCount();
    SharedEventLoops eventLoops = closer.add(SharedEventLoops.use(loops));
    List<EngineChannel> channels = new ArrayList<>();
    for (EngineUse engine : engines) {
      channels.add(
          closer.add(
              new EngineChannel(
                  engine,
                  address ->
                      HttpTransport.open(
                          EndpointTransports.settings(address, options, withHeaders, loops),
                          eventLoops.loops(),
                          time,
                          maySend))));
    }
    return channels;
  }

  /** Ends them, or leaves them to the next run, and tells the driver what they did. */
  @Override
  public void close() {
    List<Thread> closing = new ArrayList<>();
    for (int i = 0; i < engines.size(); i++) {
      EngineUse engine = engines.get(i);
      EngineKind kind = kinds.get(i);
      Thread thread = new Thread(() -> engine.leave(kind, idle), "batchinfer-engine-end");
      thread.start();
      closing.add(thread);
    }
    boolean interrupted = false;
    for (Thread thread : closing) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    time.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Which logs were saved when, and how long they were. */
  private static final class Saved {
    private final Map<String, long[]> known = new ConcurrentHashMap<>();

    void put(String name, long bytes, long at) {
      known.put(name, new long[] {bytes, at});
    }

    long bytes(String name) {
      return known.getOrDefault(name, NEVER)[0];
    }

    long at(String name) {
      return known.getOrDefault(name, NEVER)[1];
    }

    private static final long[] NEVER = {-1, 0};
  }
}
