package io.batchinfer.engine.send;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
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
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
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
  private final SystemTime time = new SystemTime("driver-time");
  private final RunAuthority authority;
  private final String token = UUID.randomUUID().toString();
  private final Map<String, String> options;

  /**
   * @param rows of the input, each named after its number
   * @param rowsPerSplit roughly
   */
  WorkedJob(InMemoryFiles files, int rows, int rowsPerSplit, Map<String, String> moreOptions) {
    this.files = files;
    this.folder = new JobFolder(files, ROOT);
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      lines.append(
          "{\"custom_id\":\"row-%04d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[]}}\n"
              .formatted(row));
    }
    byte[] content = lines.toString().getBytes(StandardCharsets.UTF_8);
    files.put(INPUT, content);
    options = new TreeMap<>(moreOptions);
    options.putIfAbsent("base-url", "http://127.0.0.1:1");
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
    Elapsed elapsed = new Elapsed(time, Clock.systemUTC());
    ledger =
        new SplitLedger(
            plan,
            folder,
            elapsed,
            FENCE.plusSeconds(2),
            time,
            task -> new Thread(task, "journal-reader").start());
    ledger.recover(Map.of());
    QuotaLimits limits =
        new QuotaLimits(
            Integer.parseInt(options.getOrDefault("concurrency", "8")),
            0,
            0,
            Duration.ofMinutes(15));
    QuotaAuthority quota =
        new QuotaAuthority(
            new EndpointQuota(limits, time, time),
            QuotaGroup.of(1),
            List.of(),
            FENCE,
            Duration.ofMinutes(10),
            () -> true);
    authority =
        new RunAuthority(
            token, new RunSecrets(new TreeMap<>(), new TreeMap<>()), ledger, quota, () -> true);
  }

  private RunSpec spec() {
    return RunSpec.ofStrings(options, JOB, ROOT);
  }

  /** What the driver answers, undisturbed. */
  DriverPort driver() {
    return authority::answer;
  }

  /** A worker's end: null, or what it ended with. */
  record End(@Nullable Throwable cause) {}

  /** Lets one worker of a process of its own work, on a thread of its own. */
  CompletableFuture<End> work(InferenceChannel endpoint, UnaryOperator<DriverPort> disturbance) {
    CompletableFuture<End> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              @Nullable Throwable cause = null;
              try {
                RunRuntime runtime =
                    RunRuntime.acquire(
                        spec(),
                        files,
                        1,
                        token,
                        disturbance.apply(driver()),
                        "p",
                        (resolved, secrets, scheduler, maySend, closer) -> List.of(endpoint));
                try {
                  new SplitWorker(runtime).run();
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
