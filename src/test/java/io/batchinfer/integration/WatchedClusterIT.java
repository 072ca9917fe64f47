package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.spark.WorkerSource;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.FreePort;
import io.batchinfer.testing.OtlpCollector;
import io.batchinfer.testing.SparkCluster;
import io.batchinfer.testing.SparkCluster.DeployMode;
import io.batchinfer.watch.RunMetric;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Spark's own sinks and pages show of the job jar's run on a cluster, and what a collector
 * hears.
 */
class WatchedClusterIT {
  private static final int ROWS = 3_000;
  private static final String DRIVER = "metrics_batchinfer_driver_batchinfer_run_";
  private static final String EXECUTOR = DRIVER + "executor_0_";

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  private String page(int port, String path) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (IOException notYet) {
      return "";
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static OptionalLong value(String text, String name) {
    Matcher line =
        Pattern.compile("(?m)^" + name + "_(?:Count|Value)\\{[^}]*} (\\d+)$").matcher(text);
    return line.find() ? OptionalLong.of(Long.parseLong(line.group(1))) : OptionalLong.empty();
  }

  private static List<String> conf(int port, Path reports) {
    return Stream.of(
            "spark.ui.enabled=true",
            "spark.ui.port=" + port,
            "spark.metrics.namespace=batchinfer",
            "spark.metrics.conf.*.sink.prometheusServlet.class=org.apache.spark.metrics.sink.PrometheusServlet",
            "spark.metrics.conf.*.sink.prometheusServlet.path=/metrics/prometheus",
            "spark.metrics.conf.executor.sink.csv.class=org.apache.spark.metrics.sink.CsvSink",
            "spark.metrics.conf.executor.sink.csv.period=1",
            "spark.metrics.conf.executor.sink.csv.directory=" + reports)
        .flatMap(setting -> Stream.of("--conf", setting))
        .toList();
  }

  @Test
  void driverAndExecutorsAreShownWhileARunGoesOn() throws IOException {
    Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
    Path reports = Files.createDirectory(directory.resolve("reports"));
    int port = FreePort.at(InetAddress.getLoopbackAddress());
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
        OtlpCollector collector = OtlpCollector.start();
        SparkCluster cluster = SparkCluster.start(1)) {
      endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(200)));
      List<String> arguments =
          List.of(
              "run",
              "--input",
              input.toString(),
              "--output",
              directory.resolve("out").toString(),
              "--base-url",
              endpoint.baseUrl().toString(),
              "--concurrency",
              "8",
              "--otlp-endpoint",
              collector.url());
      try (ForkedProcess submission =
          cluster.startSubmission(DeployMode.CLIENT, conf(port, reports), arguments)) {
        Eventually.await(
            "rows of the executor at the driver's page",
            LONG_ENOUGH,
            () ->
                value(page(port, "/metrics/prometheus/"), EXECUTOR + "rows_succeeded").orElse(0)
                    > 20,
            () -> page(port, "/metrics/prometheus/") + submission.stderr());

        String text = page(port, "/metrics/prometheus/");
        text.lines().filter(line -> line.contains("batchinfer_run")).forEach(System.out::println);
        assertThat(value(text, DRIVER + "rows_total")).hasValue(ROWS);
        assertThat(value(text, DRIVER + "rows_settled").orElseThrow()).isBetween(20L, (long) ROWS);
        for (RunMetric metric : RunMetric.values()) {
          String name = metric.dotted().replaceAll("[^A-Za-z0-9]", "_");
          assertThat(value(text, EXECUTOR + name)).as(name).isPresent();
          assertThat(value(text, DRIVER + name)).as(name).isPresent();
        }
        assertThat(value(text, EXECUTOR + "requests_active").orElseThrow()).isBetween(1L, 16L);
        assertThat(page(port, "/metrics/executors/prometheus"))
            .as("Spark's own list")
            .contains("metrics_executor_")
            .doesNotContain("batchinfer_worker", "batchinfer_run");
        String csv = "batchinfer.0." + WorkerSource.NAME + "." + RunMetric.ROWS_SUCCEEDED.dotted();
        Eventually.await(
            "the executor's own report",
            LONG_ENOUGH,
            () -> lastValue(reports.resolve(csv + ".csv")) > 20,
            reports::toString);
        endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));

        Finished finished = submission.waitFor(Duration.ofMinutes(4));
        assertThat(finished.exitCode()).as("%s", finished).isZero();
        assertThat(finished.stderr()).doesNotContain("OpenTelemetry");
      }
      assertThat(collector.lastMetrics())
          .extracting(Metric::getName)
          .contains("gen_ai.client.operation.duration", "batchinfer.rows.succeeded");
      List<Span> spans = collector.spans();
      Span run =
          spans.stream()
              .filter(span -> span.getName().equals("batchinfer run"))
              .findFirst()
              .orElseThrow();
      assertThat(spans)
          .filteredOn(span -> span.getName().equals("batchinfer split"))
          .isNotEmpty()
          .allMatch(span -> span.getParentSpanId().equals(run.getSpanId()));
    }
  }

  private static long lastValue(Path csv) {
    try {
      List<String> lines = Files.exists(csv) ? Files.readAllLines(csv) : List.of();
      String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
      return last.matches("\\d+,\\d+") ? Long.parseLong(last.substring(last.indexOf(',') + 1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }
}
