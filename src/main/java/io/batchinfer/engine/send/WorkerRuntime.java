package io.batchinfer.engine.send;

import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.Unexpected;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.row.LineRules;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.row.ResultLineWriter;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the workers of one run share in one process: connections, permits, journal. Made by the
 * first worker, closed by the last.
 */
public final class WorkerRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRuntime.class);
  private static final SharedValues<WorkerRuntime> RUNTIMES = new SharedValues<>();
  private static final Duration LOCAL_FLUSH = Duration.ofMillis(250);
  private static final Duration OBJECT_STORE_FLUSH = Duration.ofSeconds(2);
  private static final Duration STANDS = Duration.ofSeconds(60);

  /** Splits are published one after the other, and a split can hold many large answers. */
  private static final Duration PUBLISHING = Duration.ofMinutes(15);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private final String key;
  private final Closer closer;
  private final Unexpected unexpected = new Unexpected(this::fail);
  private final SystemTime time;
  private final Elapsed elapsed;
  private final JobFolder folder;
  private final Plan plan;
  private final RunSpec spec;
  private final LineRules rules;
  private final RowKey keys;
  private final DriverClient driver;
  private final QuotaSession quota;
  private final RetryingChannel channel;
  private final JournalWriter journal;
  private final RowWindow window;
  private final AnswerMemory memory;
  private final Watchdog watchdog;
  private final Duration rowPatience;
  private final OutcomeClassifier classifier;
  private final RowSettler settler;
  private final AudioForms transcriptions;
  private final ExecutorService finisher;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean draining;

  private WorkerRuntime(
      String key,
      RunSpec spec,
      FileStore store,
      long epoch,
      String token,
      DriverPort port,
      String process,
      EndpointTransports transports,
      Function<Consumer<Throwable>, SystemTime> timeOf,
      Closer closer) {
    this.key = key;
    this.closer = closer;
    this.spec = spec;
    this.rules = spec.lineRules();
    this.time = closer.add(timeOf.apply(this::broke));
    this.elapsed = new Elapsed(time, Clock.systemUTC());
    this.folder = new JobFolder(store, spec.root());
    this.transcriptions = AudioForms.of(store, spec);
    String session = "x" + UUID.randomUUID().toString().replace("-", "");
    this.driver = new DriverClient(port, token, session);
    RunSecrets secrets = driver.secrets(process);
    this.journal =
        closer.add(
            new JournalWriter(
                folder.store(),
                folder.segments(),
                epoch,
                session,
                time,
                flushInterval(spec.options(), folder)));
    closer.add(driver::leave);
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
            session, driver::quota, elapsed, time, time, tally::progress, new StatedLimitsReader());
    List<? extends InferenceChannel> channels =
        transports.open(options, secrets, time, quota::maySend, closer);
    RetryRule rule =
        new RetryRule(
                options.get(Options.MAX_ATTEMPTS),
                options.get(Options.RETRY_AMBIGUOUS),
                options.find(Options.WAIT_FOR_ENDPOINT).isPresent())
            .withRepairs(options.get(Options.REPAIR_ATTEMPTS));
    this.channel =
        ChannelStack.assemble(
            channels,
            quota::limit,
            rule,
            new AnswerReading(
                spec.pricing(),
                spec.answerSchema().map(schema -> new AnswerCheck(schema, unexpected))),
            time,
            time,
            Clock.systemUTC(),
            unexpected);
    this.window =
        new RowWindow(
            new ReadAhead(
                quota::slots, quota::hasSucceeded, options.find(Options.CONCURRENCY).orElse(0)),
            this::requestBytes);
    quota.onMoreSlots(window::grown);
    this.memory =
        new AnswerMemory(
            WorkerRuntime::memoryShare, window::bytes, journal::unflushedBytes, this::notice);
    quota.boundBy(memory, underWay -> memory.tellShortage(underWay, quota.slots()));
    journal.onFlush(quota::memoryIsFreed);
    this.watchdog = closer.add(new Watchdog(time, time, this::stands));
    this.rowPatience =
        options
            .get(Options.REQUEST_TIMEOUT)
            .multipliedBy(options.get(Options.MAX_ATTEMPTS))
            .plus(options.get(Options.MAX_COOL_DOWN));
    watchdog.watch("The flush of settled rows to " + folder.segments(), journal::movement, STANDS);
    this.keys = new RowKey(spec.jobHash());
    this.classifier = new OutcomeClassifier(new SecretMask(secrets.values()), unexpected);
    this.settler =
        new RowSettler(
            journal,
            new ResultLineWriter(
                keys,
                plan.files().stream().map(InputFile::path).map(JobFolder::shownInput).toList()),
            quota,
            tally,
            unexpected);
    this.finisher =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "batchinfer-assembly");
              thread.setDaemon(true);
              return thread;
            });
    closer.add(finisher::shutdown);
    closer.add(quota);
    closer.add(window::close);
    journal.onFailure(this::broke);
    quota.start(window::close, this::broke);
  }

  /**
   * The runtime of that run in this process. Every call needs one {@link #release}.
   *
   * @param process the name that the cluster manager knows this process by
   * @throws InterruptedException when the task was ended while another one made the runtime
   */
  public static WorkerRuntime acquire(
      RunSpec spec, FileStore store, long epoch, String token, DriverPort port, String process)
      throws InterruptedException {
    return acquire(
        spec,
        store,
        epoch,
        token,
        port,
        process,
        EndpointTransports.HTTP,
        whenTaskFails -> new SystemTime("batchinfer-timer", whenTaskFails));
  }

  /**
   * As above, with other ways to the endpoints.
   *
   * @param timeOf makes the process's time of who hears what a timer's task throws
   */
  static WorkerRuntime acquire(
      RunSpec spec,
      FileStore store,
      long epoch,
      String token,
      DriverPort port,
      String process,
      EndpointTransports transports,
      Function<Consumer<Throwable>, SystemTime> timeOf)
      throws InterruptedException {
    String key = spec.root() + "#" + token;
    return RUNTIMES.acquire(
        key, () -> open(key, spec, store, epoch, token, port, process, transports, timeOf));
  }

  private static WorkerRuntime open(
      String key,
      RunSpec spec,
      FileStore store,
      long epoch,
      String token,
      DriverPort port,
      String process,
      EndpointTransports transports,
      Function<Consumer<Throwable>, SystemTime> timeOf) {
    Closer closer = new Closer();
    try {
      return new WorkerRuntime(
          key, spec, store, epoch, token, port, process, transports, timeOf, closer);
    } catch (Throwable thrown) {
      try {
        closer.close();
      } catch (IllegalStateException e) {
        thrown.addSuppressed(e);
      }
      throw thrown;
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
        && failure() == null
        && elapsed.since(since).compareTo(OwnershipTiming.DEFAULT.fence()) < 0) {
      time.pauseUninterruptibly(BETWEEN_LOOKS);
    }
    if (quota.inFlight() == 0) {
      channel.settleRepaired();
    }
    CompletableFuture<Void> durable = journal.flush().toCompletableFuture();
    durable.exceptionally(e -> null).join();
  }

  /**
   * Closes the runtime when this was its last user. Rows settled by then are durable, and so are
   * those under way, unless the driver has already waited for them.
   */
  public void release() {
    if (!RUNTIMES.release(key)) {
      return;
    }
    try (closer) {
      if (draining || (quota.inFlight() > 0 && !quota.isStopped())) {
        drain();
      }
    } catch (RuntimeException e) {
      // The worker is through with its rows by now, or has told why it is not.
      LOG.warn("After the run's last worker: {}", Unexpected.words(e));
    }
  }

  /** Bytes that requests may take: what answers leave, and half of the share at least. */
  private long requestBytes() {
    long share = memoryShare();
    return share - Math.min(share / 2, memory.held(quota.inFlight()));
  }

  private void stands(String words) {
    LOG.warn(words);
    notice(words);
  }

  /** Watches the rows of a split that is open. */
  Watchdog.Watch watchRows(int split, LongSupplier movement) {
    return watchdog.watch(
        "Split %d, some of whose rows are under way".formatted(split), movement, rowPatience);
  }

  /** Watches a split whose parts are being published. */
  Watchdog.Watch watchPublishing(int split) {
    return watchdog.watch("The publishing of split %d".formatted(split), () -> 0, PUBLISHING);
  }

  /** Tells the user something, on another thread: the caller may hold locks. */
  private void notice(String words) {
    time.schedule(() -> driver.notice(words), Duration.ZERO);
  }

  /** A quarter of the heap for all runs of the process together. */
  static long memoryShare() {
    return Runtime.getRuntime().maxMemory() / 4 / Math.max(1, RUNTIMES.size());
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

  AnswerMemory memory() {
    return memory;
  }

  OutcomeClassifier classifier() {
    return classifier;
  }

  RowSettler settler() {
    return settler;
  }

  AudioForms transcriptions() {
    return transcriptions;
  }

  RequestLineParser parser() {
    return new RequestLineParser(rules);
  }

  SplitAssembler assembler() {
    return new SplitAssembler(
        folder.store(), folder.segments(), Math.max(8L << 20, memoryShare() / 4));
  }

  /** Runs a task of finishing a split, one at a time; a failure ends the run's workers here. */
  void finish(Runnable task) {
    finisher.execute(
        () -> {
          try {
            task.run();
          } catch (Throwable thrown) {
            broke(thrown);
          }
        });
  }

  /** Ends the run, here and at the driver, because of what should not have been thrown. */
  void broke(Throwable thrown) {
    Throwable ending;
    try {
      ending = Unexpected.ending(thrown);
    } catch (Throwable noMemory) {
      ending = noMemory;
    }
    fail(ending);
  }

  /** Ends the run in this process with that cause; the first one counts. Never throws. */
  void fail(Throwable thrown) {
    boolean first = failure.compareAndSet(null, thrown);
    try {
      // In this order: who waits for room is woken whatever the other does.
      window.close();
      quota.halt();
    } catch (Throwable second) {
      thrown.addSuppressed(second);
    }
    if (first) {
      unexpected.log("The run ends in this process", thrown);
    }
  }

  /** Why this process can no longer work on the run, or null. */
  @Nullable Throwable failure() {
    return failure.get();
  }
}
