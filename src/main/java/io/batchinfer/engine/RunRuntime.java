package io.batchinfer.engine;

import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.client.http.HttpTransport;
import io.batchinfer.client.http.HttpTransportSettings;
import io.batchinfer.client.http.HttpVersions;
import io.batchinfer.client.http.SharedEventLoops;
import io.batchinfer.config.HttpVersion;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.job.BatchStore;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowKey;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import io.batchinfer.wire.ReplyReader;
import io.batchinfer.wire.RequestLineParser;
import io.batchinfer.wire.ResultLineWriter;
import io.batchinfer.wire.SecretMask;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * What the workers of one run share in one process: connections, permits, journal. Made by the
 * first worker, closed by the last.
 */
public final class RunRuntime {
  private static final Map<String, RunRuntime> RUNTIMES = new HashMap<>();
  private static volatile int runs;
  private static final Duration LOCAL_FLUSH = Duration.ofMillis(250);
  private static final Duration OBJECT_STORE_FLUSH = Duration.ofSeconds(2);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
  private static final int LEAST_WINDOW = 256;
  private static final int EVENT_LOOPS_LIMIT = 8;

  private final String key;
  private int users;

  private final SystemTime time = new SystemTime("batchinfer-timer");
  private final Elapsed elapsed = new Elapsed(time, Clock.systemUTC());
  private final JobFolder folder;
  private final Plan plan;
  private final RunSpec spec;
  private final RowKey keys;
  private final DriverClient driver;
  private final SharedEventLoops eventLoops;
  private final List<HttpTransport> transports;
  private final QuotaSession quota;
  private final RetryingChannel channel;
  private final JournalWriter journal;
  private final RowWindow window;
  private final RowSettler settler;
  private final Transcriptions transcriptions;
  private final ExecutorService finisher;
  private volatile @Nullable RuntimeException failure;
  private volatile boolean draining;

  private RunRuntime(
      String key,
      RunSpec spec,
      FileStores stores,
      long epoch,
      String token,
      DriverPort port,
      String process) {
    this.key = key;
    this.spec = spec;
    this.folder = new JobFolder(stores, spec.root());
    this.transcriptions = Transcriptions.of(stores, spec);
    String session = "x" + UUID.randomUUID().toString().replace("-", "");
    this.driver = new DriverClient(port, token, session);
    RunSecrets secrets = driver.secrets(process);
    this.plan =
        folder
            .readPlan()
            .orElseThrow(
                () ->
                    new BatchException(
                        ErrorCode.STORAGE_FAILED,
                        "This executor does not see the plan in \"%s\"; the output must be on a filesystem that driver and executors share."
                            .formatted(folder.plan())));
    Tally tally = new Tally();
    ResolvedOptions options = spec.options();
    this.quota =
        new QuotaSession(
            session, driver::quota, elapsed, time, time, tally::progress, new LimitHeaders());
    int loops = eventLoopCount();
    this.eventLoops = SharedEventLoops.use(loops);
    this.transports =
        options.get(Options.BASE_URL).stream()
            .map(
                base ->
                    HttpTransport.open(
                        transportSettings(URI.create(base), options, secrets, loops),
                        eventLoops.loops(),
                        time,
                        quota::maySend))
            .toList();
    RetryRule rule =
        new RetryRule(options.get(Options.MAX_ATTEMPTS), options.get(Options.RETRY_AMBIGUOUS));
    this.channel =
        ChannelStack.assemble(
            transports, quota::limit, rule, this::read, time, time, Clock.systemUTC());
    this.journal =
        new JournalWriter(
            folder.store(),
            folder.segments(),
            epoch,
            session,
            time,
            flushInterval(options, folder));
    this.window =
        new RowWindow(
            () -> Math.max(LEAST_WINDOW, quota.slots() * 2 + LEAST_WINDOW / 4),
            RunRuntime::windowBytes);
    this.keys = new RowKey(spec.jobHash());
    this.settler =
        new RowSettler(
            journal,
            new ResultLineWriter(
                keys, plan.files().stream().map(InputFile::path).map(BatchStore::shown).toList()),
            new OutcomeClassifier(new SecretMask(secrets.values())),
            quota,
            tally,
            window);
    this.finisher =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "batchinfer-assembly");
              thread.setDaemon(true);
              return thread;
            });
    journal.onFailure(this::fail);
    quota.start(window::close);
  }

  /**
   * The runtime of that run in this process. Every call needs one {@link #release}.
   *
   * @param process this process's name with whoever started it
   */
  public static RunRuntime acquire(
      RunSpec spec, FileStores stores, long epoch, String token, DriverPort port, String process) {
    synchronized (RUNTIMES) {
      String key = spec.root() + "#" + token;
      RunRuntime runtime = RUNTIMES.get(key);
      if (runtime == null) {
        runtime = new RunRuntime(key, spec, stores, epoch, token, port, process);
        RUNTIMES.put(key, runtime);
        runs = RUNTIMES.size();
      }
      runtime.users++;
      return runtime;
    }
  }

  /**
   * Lets nothing new out, waits as long as the fence for the answers under way and makes them
   * durable: they are paid for. For a process that has to end; may be called from any thread.
   */
  public void drain() {
    draining = true;
    quota.halt();
    window.close();
    Elapsed.Mark since = elapsed.mark();
    while (quota.inFlight() > 0
        && failure == null
        && elapsed.since(since).compareTo(OwnershipTiming.DEFAULT.fence()) < 0) {
      time.pause(BETWEEN_LOOKS);
    }
    CompletableFuture<Void> durable = journal.flush().toCompletableFuture();
    durable.exceptionally(e -> null).join();
  }

  /**
   * Closes the runtime when this was its last user. Rows settled by then are durable, and so are
   * those under way, unless the driver has already waited for them.
   */
  public void release() {
    synchronized (RUNTIMES) {
      users--;
      if (users > 0) {
        return;
      }
      RUNTIMES.remove(key);
      runs = RUNTIMES.size();
    }
    if (draining || (quota.inFlight() > 0 && !quota.isStopped())) {
      drain();
    }
    window.close();
    quota.close();
    finisher.shutdown();
    transports.forEach(HttpTransport::close);
    eventLoops.close();
    driver.leave();
    journal.close();
    time.close();
  }

  private ReplyFacts read(OutboundRequest request, byte[] body) {
    return spec.pricing().priced(request.model(), ReplyReader.read(body));
  }

  /** Event loops of a process that sends requests. */
  public static int eventLoopCount() {
    return Math.min(EVENT_LOOPS_LIMIT, Runtime.getRuntime().availableProcessors());
  }

  /** A quarter of the heap for all runs of the process together. */
  private static long windowBytes() {
    return Runtime.getRuntime().maxMemory() / 4 / Math.max(1, runs);
  }

  private static HttpTransportSettings transportSettings(
      URI base, ResolvedOptions options, RunSecrets secrets, int loops) {
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(base)
            .withHeaders(secrets.headers())
            .withConnectTimeout(options.get(Options.CONNECT_TIMEOUT))
            .withRequestTimeout(options.get(Options.REQUEST_TIMEOUT))
            .withMaxResponseBytes(options.get(Options.MAX_RESPONSE_BYTES))
            .withMaxConnections(options.find(Options.CONCURRENCY).orElse(QuotaLimits.MOST_ADAPTIVE))
            .withVersions(versions(options.get(Options.HTTP_VERSION)))
            .withEventLoops(loops);
    String caFile = options.find(Options.CA_FILE).orElse(null);
    if (caFile != null) {
      settings = settings.withCaFile(Path.of(caFile));
    }
    String proxy = secrets.proxies().get(base.toString());
    return proxy == null ? settings : settings.withProxy(URI.create(proxy));
  }

  private static HttpVersions versions(HttpVersion version) {
    return switch (version) {
      case AUTO -> HttpVersions.AUTO;
      case HTTP_1_1 -> HttpVersions.HTTP_1_1;
      case HTTP_2 -> HttpVersions.HTTP_2_PRIOR_KNOWLEDGE;
    };
  }

  private static Duration flushInterval(ResolvedOptions options, JobFolder folder) {
    return options
        .find(Options.FLUSH_INTERVAL)
        .orElse(
            folder.store().syncsBeforeClose(folder.segments()) ? LOCAL_FLUSH : OBJECT_STORE_FLUSH);
  }

  JobFolder folder() {
    return folder;
  }

  Plan plan() {
    return plan;
  }

  RunSpec spec() {
    return spec;
  }

  SystemTime time() {
    return time;
  }

  RowKey keys() {
    return keys;
  }

  DriverClient driver() {
    return driver;
  }

  QuotaSession quota() {
    return quota;
  }

  RetryingChannel channel() {
    return channel;
  }

  JournalWriter journal() {
    return journal;
  }

  RowWindow window() {
    return window;
  }

  RowSettler settler() {
    return settler;
  }

  Transcriptions transcriptions() {
    return transcriptions;
  }

  RequestLineParser parser() {
    return new RequestLineParser(spec.lineRules());
  }

  SplitAssembler assembler() {
    return new SplitAssembler(
        folder.store(), folder.segments(), Math.max(8L << 20, windowBytes() / 4));
  }

  /** Runs a task of finishing a split, one at a time; a failure ends the run's workers here. */
  void finish(Runnable task) {
    finisher.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            fail(e);
          }
        });
  }

  void fail(RuntimeException e) {
    failure = e;
    quota.halt();
    window.close();
  }

  /** Why this process can no longer work on the run, or null. */
  @Nullable RuntimeException failure() {
    return failure;
  }
}
