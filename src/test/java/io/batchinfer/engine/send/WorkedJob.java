package io.batchinfer.engine.send;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.Unexpected;
import io.batchinfer.engine.lead.Death;
import io.batchinfer.engine.lead.RunAuthority;
import io.batchinfer.engine.lead.SplitLedger;
import io.batchinfer.engine.plan.DuplicateFinder;
import io.batchinfer.engine.plan.PlanBuilder;
import io.batchinfer.engine.plan.ScanUnit;
import io.batchinfer.engine.plan.UnitScanner;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.storage.FileStore;
import io.batchinfer.testing.FaultyTime;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A job on files in memory that a real worker works on, with the real driver's side in the same
 * process and an endpoint of the test's. What stands between them can be disturbed.
 */
final class WorkedJob implements AutoCloseable {
  private static final String ROOT = "/out";
  private static final String INPUT = "/in/a.jsonl";
  private static final String JOB = "0".repeat(31) + "1";
  private static final Duration FENCE = Duration.ofSeconds(10);

  final InMemoryFiles files;
  final JobFolder folder;
  final Plan plan;
  final SplitLedger ledger;
  final QuotaAuthority quota;

  /** What this driver sees the time by, and hears what its timers throw. */
  final FaultyTime time = new FaultyTime("driver-time", this::broke);

  private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
  private final RunAuthority authority;
  private final String token = UUID.randomUUID().toString();
  private final Map<String, String> options;
  private volatile @Nullable WorkerRuntime latest;
  private volatile RowOrder order = RowOrder.AS_READ;

  /**
   * @param rows of the input, each named after its number
   * @param rowsPerSplit roughly
   */
  WorkedJob(InMemoryFiles files, int rows, int rowsPerSplit, Map<String, String> moreOptions) {
    this(files, lines(rows), rowsPerSplit, FENCE, moreOptions);
  }

  /**
   * As above, of any lines.
   *
   * @param fence how long a worker may go on that hears nothing of its driver
   */
  WorkedJob(
      InMemoryFiles files,
      List<String> lines,
      int rowsPerSplit,
      Duration fence,
      Map<String, String> moreOptions) {
    this.files = files;
    int rows = lines.size();
    this.folder = new JobFolder(files, ROOT);
    byte[] content = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    files.put(INPUT, content);
    options = new TreeMap<>(moreOptions);
    if (!options.containsKey("engine")) {
      options.putIfAbsent("base-url", "http://127.0.0.1:1");
    }
    RunSpec spec = spec();
    List<ScanUnit> units = List.of(new ScanUnit(0, 0, INPUT, 0, content.length));
    UnitScanner scanner =
        new UnitScanner(folder, spec, (long) content.length * rowsPerSplit / rows);
    plan =
        PlanBuilder.assemble(
                List.of(new FileStore.Entry(INPUT, false, content.length, 0)),
                units,
                units.stream().map(scanner::scan).toList())
            .plan();
    new DuplicateFinder(folder).find(0, 1, units.size());
    folder.writePlan(plan);
    Elapsed elapsed = new Elapsed(time, time.clock());
    ledger =
        new SplitLedger(
            plan,
            folder,
            elapsed,
            fence.plusSeconds(2),
            time,
            task -> new Thread(task, "journal-reader").start());
    ledger.recover(Map.of());
    QuotaLimits limits =
        new QuotaLimits(
            Integer.parseInt(options.getOrDefault("concurrency", "8")),
            Long.parseLong(options.getOrDefault("requests-per-minute", "0")),
            0,
            Duration.ofMinutes(15));
    quota =
        new QuotaAuthority(
            new EndpointQuota(limits, time, time),
            QuotaGroup.of(1),
            List.of(),
            fence,
            Duration.ofMinutes(10),
            () -> true);
    authority =
        new RunAuthority(
            token, new RunSecrets(new TreeMap<>(), new TreeMap<>()), ledger, quota, () -> true);
  }

  private static List<String> lines(int rows) {
    return IntStream.range(0, rows).mapToObj("row-%04d"::formatted).map(WorkedJob::line).toList();
  }

  /** A line that is valid, of that name. */
  static String line(String customId) {
    return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[],\"user\":\"%s\"}}"
        .formatted(customId, customId);
  }

  private RunSpec spec() {
    return RunSpec.ofStrings(options, JOB, ROOT);
  }

  /** What the worker that began last has of its process. */
  WorkerRuntime latest() {
    return Objects.requireNonNull(latest);
  }

  /** Makes all that is open run alone, row by row, as after crashes of its workers. */
  void suspectAll() throws Exception {
    for (String process : List.of("crashed-1", "crashed-2")) {
      DriverClient crashing = new DriverClient(driver(), token, process);
      RunSecrets unused = crashing.secrets(process);
      boolean alone = false;
      for (int i = 0; i < splits().size() && !alone; i++) {
        SplitClaim claimed =
            crashing.claim("w").toCompletableFuture().get().granted().orElseThrow();
        alone = claimed.alone();
      }
      ledger.died(process, Death.CRASHED);
      crashing.release("w");
    }
  }

  /** What the driver answers, undisturbed. */
  DriverPort driver() {
    return authority::answer;
  }

  /**
   * The same as over the cluster's transport: whatever is thrown becomes an answer that says so,
   * and an Error ends the run.
   */
  UnaryOperator<DriverPort> overTransport() {
    return direct ->
        message -> {
          CompletableFuture<byte[]> answer = new CompletableFuture<>();
          try {
            direct
                .ask(message)
                .whenComplete(
                    (reply, failure) -> {
                      if (reply == null) {
                        refuse(answer, failure);
                      } else {
                        answer.complete(reply);
                      }
                    });
          } catch (Throwable thrown) {
            refuse(answer, thrown);
          }
          return answer;
        };
  }

  private void refuse(CompletableFuture<byte[]> answer, Throwable failure) {
    Throwable cause = Unexpected.causeOf(failure);
    if (cause instanceof Error) {
      broke(cause);
    }
    answer.completeExceptionally(new IllegalStateException(cause.toString()));
  }

  private void broke(Throwable cause) {
    broken.compareAndSet(null, cause);
  }

  /** Why the driver's side cannot go on, or null. */
  @Nullable Throwable broken() {
    return broken.get();
  }

  /** What a driver does whose run is to end. */
  void stop() {
    ledger.close();
    quota.drain();
  }

  /** A worker's end: null, or what it ended with. */
  record End(@Nullable Throwable cause) {}

  /** Lets one worker of a process of its own work, on a thread of its own. */
  CompletableFuture<End> work(InferenceChannel endpoint, UnaryOperator<DriverPort> disturbance) {
    return work(
        endpoint, disturbance, whenTaskFails -> new SystemTime("worker-time", whenTaskFails));
  }

  /**
   * As above.
   *
   * @param timeOf makes the worker's time of who hears what a timer's task throws
   */
  CompletableFuture<End> work(
      InferenceChannel endpoint,
      UnaryOperator<DriverPort> disturbance,
      Function<Consumer<Throwable>, SystemTime> timeOf) {
    CompletableFuture<End> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              @Nullable Throwable cause = null;
              try {
                WorkerRuntime runtime =
                    WorkerRuntime.acquire(
                        setting(disturbance.apply(driver())),
                        means(
                            (resolved, secrets, time, maySend, closer) -> List.of(endpoint),
                            timeOf));
                latest = runtime;
                try {
                  runtime.newWorker(order).run();
                } finally {
                  runtime.release();
                }
              } catch (Throwable thrown) {
                cause = thrown;
              } finally {
                end.complete(new End(cause));
              }
            },
            "worker");
    thread.setDaemon(true);
    thread.start();
    return end;
  }

  /** What a process is told that is to work on it, with that way to the driver. */
  WorkerSetting setting(DriverPort driver) {
    return new WorkerSetting(spec(), files, 1, token, driver, "p");
  }

  /**
   * Means of a process.
   *
   * @param timeOf makes its time of who hears what a timer's task throws
   */
  static ProcessMeans means(
      EndpointTransports transports, Function<Consumer<Throwable>, SystemTime> timeOf) {
    return new ProcessMeans(transports, timeOf, Clock.systemUTC(), WorkerRuntime::memoryShare);
  }

  /** The job as an executor sees it. */
  JobView view() {
    return JobView.read(spec(), folder);
  }

  /** In which order workers that begin from now on send the rows of a split. */
  void sendIn(RowOrder newOrder) {
    order = newOrder;
  }

  /** Rows that are published, with what became of them. */
  long published() {
    return ledger.counts().settled();
  }

  List<Split> splits() {
    return plan.splits();
  }

  static Hash128 job() {
    return Hash128.ofHex(JOB);
  }

  @Override
  public void close() {
    time.close();
  }
}
