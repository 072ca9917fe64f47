package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.batchinfer.config.OptionSources;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.run.FileRequests;
import io.batchinfer.engine.run.JobRun;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.spark.SparkCluster;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.TroubledFiles;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The thread that runs a job is interrupted, as a notebook's cancel does it: the run ends at once
 * as interrupted, its record says so, and the next one goes on without sending anything twice.
 */
class InterruptedThreadTest extends SharedSpark {
  private static final int ROWS = 200;
  private static final Duration PROMPTLY = Duration.ofMinutes(1);
  private static final Duration LONGEST_RUN = Duration.ofMillis(2_500);
  private static final int MOST_WRITES = 12;
  private static final int MOMENTS = 12;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private Path input;

  @BeforeEach
  void prepare() throws IOException {
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().timeToFirstToken(Duration.ofMillis(20)).build());
    input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  /** How a run ended, whether its thread found itself interrupted, and how long it used its CPU. */
  private record Ended(
      @Nullable JobRecord record, @Nullable Throwable thrown, boolean interrupted, long nanos) {}

  private JobFolder folder(String output) {
    FileStores stores = new FileStores(jsc()::hadoopConfiguration);
    return new JobFolder(stores, stores.qualify(output));
  }

  private JobRun runner(String output, RunListener listener) {
    Map<String, List<String>> flags = new TreeMap<>();
    flags.put("input", List.of(input.toString()));
    flags.put("output", List.of(output));
    flags.put("base-url", List.of(endpoint.baseUrl().toString()));
    flags.put("split-bytes", List.of("4kB"));
    flags.put("concurrency", List.of("16"));
    JobRequest request =
        new JobRequest(
            OptionSources.builder().flags(flags).resolve(),
            new RunSecrets(new TreeMap<>(), new TreeMap<>()),
            folder(output).root(),
            PriceTable.parse("none", List.of()));
    FileRequests source =
        new FileRequests(
            new FileStores(jsc()::hadoopConfiguration),
            List.of(input.toString()),
            request.options(),
            request.root());
    return new JobRun(new SparkCluster(jsc()), request, source, listener);
  }

  /** Starts a run on a thread of its own. */
  private Thread start(JobRun runner, CompletableFuture<Ended> ended) {
    Thread thread =
        new Thread(
            () -> {
              long began = System.nanoTime();
              @Nullable JobRecord[] record = new JobRecord[1];
              @Nullable Throwable thrown = catchThrowable(() -> record[0] = runner.run());
              ended.complete(
                  new Ended(record[0], thrown, Thread.interrupted(), System.nanoTime() - began));
            },
            "notebook");
    thread.start();
    return thread;
  }

  private void assertInterruptedAndResumable(String output, Ended ended) throws Exception {
    Optional<JobRecord> left = folder(output).readRecord();
    JobRecord record = ended.record();
    if (record == null || record.status() != JobStatus.COMPLETED) {
      assertThat(ended.interrupted()).as("whether it stays interrupted: %s", ended).isTrue();
      if (record != null) {
        assertThat(record.status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(record.exitCode()).isEqualTo(ErrorCode.INTERRUPTED.exitCode());
      } else {
        assertThat(ended.thrown())
            .isInstanceOfSatisfying(
                BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
      }
      // An interrupt behind the last record takes nothing back.
      assertThat(left.map(JobRecord::status))
          .isIn(
              Optional.empty(),
              Optional.of(JobStatus.INTERRUPTED),
              Optional.of(JobStatus.COMPLETED));
    }
    CompletableFuture<Ended> again = new CompletableFuture<>();
    Thread unused = start(runner(output, RunListener.SILENT), again);
    Ended second = again.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    assertThat(second.thrown()).isNull();
    assertThat(second.record()).isNotNull();
    assertThat(second.record().status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(second.record().counts().succeeded()).isEqualTo(ROWS);
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS);
  }

  /** What the run's own thread is at when the interrupt comes. */
  enum Phase {
    PLANNED,
    SENDING,
    FINALIZING
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void inEachPhase(Phase phase) throws Exception {
    String output = directory.resolve("out").toString();
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(100)));
    RunListener listener =
        new RunListener() {
          @Override
          public void planned(Plan plan, long resumedRows) {
            interruptIn(Phase.PLANNED);
          }

          @Override
          public void progress(RunProgress progress) {
            if (progress.rows().settled() > 0 && progress.rows().settled() < ROWS / 2) {
              interruptIn(Phase.SENDING);
            }
          }

          @Override
          public void finalizing() {
            interruptIn(Phase.FINALIZING);
          }

          private void interruptIn(Phase now) {
            if (now == phase) {
              Thread.currentThread().interrupt();
            }
          }
        };
    CompletableFuture<Ended> ended = new CompletableFuture<>();
    Thread unused = start(runner(output, listener), ended);
    Ended first = ended.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    assertThat(first.record() == null || first.record().status() == JobStatus.INTERRUPTED)
        .as("%s", first)
        .isTrue();
    assertInterruptedAndResumable(output, first);
  }

  /** Wherever the run's own thread writes: ownership, records, plan, marks. */
  @Test
  void atEveryWriteOfTheRunsOwnThread() throws Exception {
    int met = 0;
    for (int at = 1; at <= MOST_WRITES; at++) {
      String output = TroubledFiles.name(directory.resolve("out-" + at));
      AtomicInteger left = new AtomicInteger(at);
      CompletableFuture<Ended> ended = new CompletableFuture<>();
      Ended first;
      try (AutoCloseable trouble =
          TroubledFiles.with(
              path -> {
                boolean own = Thread.currentThread().getName().equals("notebook");
                if (own && left.decrementAndGet() == 0) {
                  Thread.currentThread().interrupt();
                }
              })) {
        Thread unused = start(runner(output, RunListener.SILENT), ended);
        first = ended.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
      }
      met += left.get() <= 0 ? 1 : 0;
      assertInterruptedAndResumable(output, first);
      endpoint.close();
      prepare();
    }
    assertThat(met).isGreaterThan(5);
  }

  /** On this machine's own files, of which an interrupt closes those that are just written. */
  @Test
  void atAnyMoment() throws Exception {
    long seed = System.nanoTime();
    tell("seed " + seed);
    Random random = new Random(seed);
    Duration longest = Duration.ZERO;
    try (SystemTime time = new SystemTime("moments")) {
      for (int i = 0; i < MOMENTS; i++) {
        String output = directory.resolve("any-" + i).toString();
        CompletableFuture<Ended> ended = new CompletableFuture<>();
        Thread thread = start(runner(output, RunListener.SILENT), ended);
        CompletableFuture<Long> interrupted = new CompletableFuture<>();
        time.schedule(
            () -> {
              interrupted.complete(System.nanoTime());
              thread.interrupt();
            },
            Duration.ofMillis(random.nextLong(LONGEST_RUN.toMillis())));
        Ended first = ended.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
        long over = System.nanoTime();
        Duration took = Duration.ofNanos(over - interrupted.get());
        longest = took.compareTo(longest) > 0 ? took : longest;
        assertThat(took).isLessThan(PROMPTLY);
        assertInterruptedAndResumable(output, first);
        endpoint.close();
        prepare();
      }
    }
    tell("longest from interrupt to end: " + longest.toMillis() + " ms");
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private static void tell(String line) {
    System.out.println(line);
  }
}
