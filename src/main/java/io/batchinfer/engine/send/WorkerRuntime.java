package io.batchinfer.engine.send;

import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.Unexpected;
import io.batchinfer.engine.server.Engine;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.pack.PackChannel;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import io.batchinfer.watch.WorkObserver;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the workers of one run share in one process: connections, permits, journal. Made by the
 * first worker, closed by the last; every worker takes of it what it needs.
 */
public final class WorkerRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRuntime.class);
  private static final SharedValues<WorkerRuntime> RUNTIMES = new SharedValues<>();
  private static final Duration LOCAL_FLUSH = Duration.ofMillis(250);
  private static final Duration OBJECT_STORE_FLUSH = Duration.ofSeconds(2);

  /** Of an answer that is asked for; packs that would have larger ones are made smaller. */
  private static final long MOST_ANSWER_BYTES = 16L << 20;

  private static final ProcessMeans MEANS =
      new ProcessMeans(
          EndpointTransports.HTTP,
          whenTaskFails -> new SystemTime("batchinfer-timer", whenTaskFails),
          Clock.systemUTC(),
          WorkerRuntime::memoryShare);

  private final String key;
  private final Closer closer;
  private final ProcessFailure failure = new ProcessFailure();
  private final SystemTime time;
  private final DriverClient driver;
  private final QuotaSession quota;
  private final JobView job;
  private final AudioForms transcriptions;
  private final RunWatches watches;
  private final RowPath path;
  private final Drain drain;
  private final SplitPublisher publisher;

  /**
   * @param engines of the run in this process, or null where it has an endpoint elsewhere
   */
  private WorkerRuntime(
      WorkerSetting setting, ProcessMeans means, @Nullable ProcessEngines engines, Closer closer) {
    this.key = setting.key();
    this.closer = closer;
    RunSpec spec = setting.spec();
    ResolvedOptions options = spec.options();
    JobFolder folder = new JobFolder(setting.store(), spec.root());
    this.time = closer.add(means.timeOf().apply(failure::broke));
    Elapsed elapsed = new Elapsed(time, means.clock());
    this.transcriptions = AudioForms.of(setting.store(), spec);
    String session = "x" + UUID.randomUUID().toString().replace("-", "");
    this.driver = new DriverClient(setting.driver(), setting.token(), session);
    RunSecrets secrets = driver.secrets(setting.process());
    WorkObserver observer =
        closer.add(RunObservers.of(setting, secrets, session, time, means.clock(), this::notice));
    JournalWriter journal =
        closer.add(
            new JournalWriter(
                folder.store(),
                folder.segments(),
                setting.epoch(),
                session,
                time,
                flushInterval(options, folder)));
    closer.add(driver::leave);
    this.job = JobView.read(spec, folder);
    Tally tally = new Tally();
    Supplier<ProcessorTime> processors = setting.processors();
    this.quota =
        new QuotaSession(
            session,
            driver::quota,
            elapsed,
            time,
            time,
            () -> tally.progress(journal.lag(), processors.get()),
            new StatedLimitsReader());
    closer.add(ProcessWork.HERE.add(quota::reading));
    AnswerTimes answers = new AnswerTimes(engines == null ? observer : engines.counting(observer));
    quota.observedBy(answers);
    observer.reads(quota::reading);
    RetryingChannel channel =
        channel(engines == null ? means.transports() : engines, means.clock(), secrets);
    RowRoom room =
        new RowRoom(
            means.memoryShare(),
            quota,
            journal,
            options.find(RateOptions.CONCURRENCY).orElse(0),
            timesAsMany(spec),
            this::notice);
    this.watches = closer.add(new RunWatches(options, time, observer, this::stands));
    watches.flushes(folder.segments(), journal::movement);
    Unexpected unexpected = failure.unexpected();
    this.path =
        new RowPath(
            room,
            new PackChannel(
                new MeasuredChannel(channel, room::expect),
                options.get(RateOptions.EMBED_BATCH),
                Math.min(MOST_ANSWER_BYTES, options.get(RateOptions.MAX_RESPONSE_BYTES) / 2),
                quota::hasSucceeded,
                this::notice,
                unexpected),
            new OutcomeClassifier(new SecretMask(secrets.values()), engines != null, unexpected),
            new RowSettler(journal, job.lineWriter(), quota, tally, unexpected),
            observer,
            time);
    this.drain = new Drain(quota, channel, room, journal, failure, time, elapsed);
    this.publisher =
        closer.add(
            new SplitPublisher(
                job,
                journal,
                driver,
                new SplitSketches(folder, answers, setting.process()),
                means.memoryShare(),
                watches,
                failure));
    closer.add(quota);
    closer.add(room::close);
    failure.whenFailed(drain::stop);
    journal.onFailure(failure::broke);
    quota.start(room::close, failure::broke);
  }

  /** The way to the endpoints, with the limits in front of them. */
  private RetryingChannel channel(EndpointTransports transports, Clock clock, RunSecrets secrets) {
    RunSpec spec = job.spec();
    ResolvedOptions options = spec.options();
    boolean engines = spec.startsEngines();
    RetryRule rule =
        new RetryRule(
                options.get(RetryOptions.MAX_ATTEMPTS),
                // What an engine of one's own did twice costs nobody anything.
                options.get(engines ? RetryOptions.MAX_ATTEMPTS : RetryOptions.RETRY_AMBIGUOUS),
                engines || options.find(RetryOptions.WAIT_FOR_ENDPOINT).isPresent())
            .withRepairs(options.get(ModelOptions.REPAIR_ATTEMPTS));
    Unexpected unexpected = failure.unexpected();
    return ChannelStack.assemble(
        transports.open(options, secrets, time, quota::maySend, closer),
        quota::limit,
        rule,
        new AnswerReading(
            spec.pricing(), spec.answerSchema().map(schema -> new AnswerCheck(schema, unexpected))),
        time,
        time,
        clock,
        unexpected);
  }

  /** Rows for a request, and to choose from where those that begin alike keep together. */
  private static int timesAsMany(RunSpec spec) {
    return spec.options().get(RateOptions.EMBED_BATCH) * (spec.ordersByPrefix() ? 2 : 1);
  }

  private static Duration flushInterval(ResolvedOptions options, JobFolder folder) {
    return options
        .find(InputOutputOptions.FLUSH_INTERVAL)
        .orElse(
            folder.store().syncsBeforeClose(folder.segments()) ? LOCAL_FLUSH : OBJECT_STORE_FLUSH);
  }

  /** A quarter of the heap for all runs of the process together. */
  static long memoryShare() {
    return Runtime.getRuntime().maxMemory() / 4 / Math.max(1, RUNTIMES.size());
  }

  /**
   * The runtime of that run in this process. Every call needs one {@link #release}.
   *
   * @throws InterruptedException when the task was ended while another one made the runtime
   * @throws BatchException {@link ErrorCode#ENGINE_FAILED} where the run's engine does not come up
   *     here, of which the driver has been told
   */
  public static WorkerRuntime acquire(WorkerSetting setting) throws InterruptedException {
    return acquire(setting, MEANS);
  }

  /** As above, with other means. */
  static WorkerRuntime acquire(WorkerSetting setting, ProcessMeans means)
      throws InterruptedException {
    return EngineFailures.HERE.rethrown(
        setting, () -> RUNTIMES.acquire(setting.key(), () -> open(setting, means)));
  }

  private static WorkerRuntime open(WorkerSetting setting, ProcessMeans means) {
    Closer closer = new Closer();
    try {
      @Nullable ProcessEngines engines =
          setting.spec().startsEngines()
              ? closer.add(
                  EngineFailures.HERE.started(setting, () -> ProcessEngines.start(setting, means)))
              : null;
      return new WorkerRuntime(setting, means, engines, closer);
    } catch (Throwable thrown) {
      try {
        closer.close();
      } catch (IllegalStateException e) {
        thrown.addSuppressed(e);
      }
      throw thrown;
    }
  }

  /** Ends the engines that runs have left in this process, and returns when they are gone. */
  public static void endIdleEngines() {
    Engine.endIdle();
  }

  /** A worker of the run, for one thread. */
  public SplitWorker newWorker() {
    return newWorker(
        job.spec().ordersByPrefix() ? new PrefixOrder(memoryShare()) : RowOrder.AS_READ);
  }

  /**
   * As above.
   *
   * @param order in which the rows of each of its splits go out
   */
  SplitWorker newWorker(RowOrder order) {
    WorkerWait waits = new WorkerWait(path, quota);
    RowRequests requests = new RowRequests(job, transcriptions);
    RowSender sender = new RowSender(path, requests, quota, failure);
    return new SplitWorker(
        job,
        new SplitClaims(driver, UUID.randomUUID().toString(), failure, waits),
        new SplitReader(job, driver, drain, path, requests, sender, failure, waits, order),
        sender,
        publisher,
        watches,
        drain,
        failure,
        waits);
  }

  /**
   * Lets nothing new out, waits as long as the fence for the answers under way and makes them
   * durable: they are paid for. For a process that has to end; may be called from any thread.
   */
  public void drain() {
    drain.drain();
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
      drain.drainRest();
    } catch (RuntimeException e) {
      // The worker is through with its rows by now, or has told why it is not.
      LOG.warn("After the run's last worker: {}", Unexpected.words(e));
    }
  }

  /** Who knows what is under way. */
  QuotaSession quota() {
    return quota;
  }

  /** Who knows what takes memory. */
  RowRoom room() {
    return path.room();
  }

  private void stands(String words) {
    LOG.warn(words);
    notice(words);
  }

  /** Tells the user something, on another thread: the caller may hold locks. */
  private void notice(String words) {
    time.schedule(() -> driver.notice(words), Duration.ZERO);
  }
}
