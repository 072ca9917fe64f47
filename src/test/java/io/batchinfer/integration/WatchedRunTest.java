package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.spark.RunSource;
import io.batchinfer.spark.WorkerSource;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.watch.RunMetric;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's metrics system holds of a run. */
class WatchedRunTest extends SharedSpark {
  private static final int ROWS = 1_500;
  private static final String HERE = "executor.driver.";

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;

  @BeforeEach
  void start() {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private static MetricRegistry source(String name) {
    return SparkEnv.get().metricsSystem().getSourcesByName(name).head().metricRegistry();
  }

  private static long count(MetricRegistry registry, String name) {
    Counter counter = registry.getCounters().get(name);
    return counter == null ? -1 : counter.getCount();
  }

  private static long gauge(MetricRegistry registry, String name) {
    Gauge<?> gauge = registry.getGauges().get(name);
    return gauge == null ? -1 : ((Number) gauge.getValue()).longValue();
  }

  private CompletableFuture<CommandLineRun> run(String output, String... more) throws IOException {
    Path input = Requests.chat(directory.resolve(output + ".jsonl"), ROWS, 5);
    LocalRun job = LocalRun.of(input, directory.resolve(output), endpoint);
    return CompletableFuture.supplyAsync(() -> job.with(more));
  }

  /** Readings are kept for a moment, so that a source may still show what was. */
  private static void awaitQuiet(MetricRegistry registry) {
    String inFlight = RunMetric.REQUESTS_ACTIVE.dotted();
    Eventually.await(
        "nothing under way", LONG_ENOUGH, () -> gauge(registry, inFlight) == 0, () -> "");
  }

  @Test
  void theDriverAndTheWorkersShowHowFarARunIs() throws Exception {
    // A first run makes the sources, which stay and go on counting.
    assertThat(run("before").get().exitCode()).isZero();
    MetricRegistry ofRun = source(RunSource.NAME);
    MetricRegistry ofWorker = source(WorkerSource.NAME);
    String succeeded = RunMetric.ROWS_SUCCEEDED.dotted();
    awaitQuiet(ofWorker);
    long runsBefore = count(ofRun, succeeded);
    long workersBefore = count(ofWorker, succeeded);
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(100)));
    long okBefore = endpoint.statistics().ok();
    CompletableFuture<CommandLineRun> run = run("first", "--concurrency", "8");
    Eventually.await(
        "the first answers",
        LONG_ENOUGH,
        () -> endpoint.statistics().ok() > okBefore + 20,
        run::toString);

    Eventually.await(
        "rows at both ends and of the executor",
        LONG_ENOUGH,
        () ->
            count(ofWorker, succeeded) > workersBefore
                && gauge(ofRun, RunSource.ROWS_SETTLED) > 0
                && count(ofRun, HERE + succeeded) > 0,
        () -> ofRun.getNames() + "\n" + ofWorker.getNames());
    assertThat(gauge(ofRun, RunSource.ROWS_TOTAL)).isEqualTo(ROWS);
    assertThat(gauge(ofWorker, RunMetric.REQUESTS_ACTIVE.dotted())).isBetween(1L, 16L);
    assertThat(gauge(ofWorker, RunMetric.REQUESTS_WAITING.dotted())).isPositive();
    assertThat(gauge(ofWorker, RunMetric.JOURNAL_LAG.dotted())).isBetween(0L, 30_000L);
    assertThat(count(ofRun, RunMetric.TOKENS_OUTPUT.dotted())).isPositive();
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));

    assertThat(run.get().exitCode()).as(run.get().err()).isZero();
    assertThat(ofRun.getNames())
        .as("an executor that works for no run")
        .noneMatch(name -> name.startsWith(RunSource.EXECUTOR));
    assertThat(gauge(ofRun, RunSource.ROWS_TOTAL)).isZero();
    awaitQuiet(ofWorker);
    assertThat(count(ofWorker, succeeded) - workersBefore).isEqualTo(ROWS);
    awaitQuiet(ofRun);
    assertThat(count(ofRun, succeeded) - runsBefore).isEqualTo(ROWS);
  }
}
