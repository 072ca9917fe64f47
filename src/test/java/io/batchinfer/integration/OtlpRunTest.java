package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.OtlpCollector;
import io.batchinfer.testing.RefusingPort;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.watch.RunMetric;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collector is told of a run, and that a run never depends on it. */
class OtlpRunTest extends SharedSpark {
  private static final int ROWS = 400;
  private static final int FAILING = 150;
  private static final String PROMPT = "prompt-of-the-user";
  private static final String KEY = "sk-test-0123456789abcdef";
  private static final String UNHEARD = "does not take what it is sent";

  /** As the conventions have them: the names of the attributes of each metric, and its unit. */
  private static final Map<String, List<String>> CONVENTIONS =
      Map.of(
          "gen_ai.client.operation.duration",
          List.of(
              "s",
              "error.type",
              "gen_ai.operation.name",
              "gen_ai.provider.name",
              "gen_ai.request.model",
              "gen_ai.response.model",
              "server.address",
              "server.port"),
          "gen_ai.client.token.usage",
          List.of(
              "{token}",
              "gen_ai.operation.name",
              "gen_ai.provider.name",
              "gen_ai.request.model",
              "gen_ai.response.model",
              "gen_ai.token.type",
              "server.address",
              "server.port"));

  private static final List<Double> DURATIONS =
      DoubleStream.of(
              0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96,
              81.92)
          .boxed()
          .toList();
  private static final List<Double> TOKENS =
      DoubleStream.of(
              1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216,
              67108864)
          .boxed()
          .toList();

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private LocalRun job;

  @BeforeEach
  void start() throws IOException {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    Path input = directory.resolve("requests.jsonl");
    try (BufferedWriter out = Files.newBufferedWriter(input)) {
      for (int row = 0; row < ROWS; row++) {
        out.write(Requests.line(row, row < FAILING ? PROMPT + " [[fault:http_400]]" : PROMPT));
      }
    }
    job = LocalRun.of(input, directory.resolve("out"), endpoint);
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private CommandLineRun run(String collector, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--otlp-endpoint",
                collector,
                "--header",
                "Authorization: Bearer " + KEY,
                "--max-failure-rate",
                "1",
                "--split-bytes",
                "16kB"));
    words.addAll(Arrays.asList(more));
    return job.with(words.toArray(String[]::new));
  }

  private static Map<String, String> attributes(List<KeyValue> pairs) {
    Map<String, String> attributes = new TreeMap<>();
    for (KeyValue pair : pairs) {
      attributes.put(
          pair.getKey(),
          pair.getValue().hasIntValue()
              ? Long.toString(pair.getValue().getIntValue())
              : pair.getValue().getStringValue());
    }
    return attributes;
  }

  private static Metric metric(OtlpCollector collector, String name) {
    return collector.lastMetrics().stream()
        .filter(metric -> metric.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name));
  }

  private static List<Span> named(OtlpCollector collector, String name) {
    return collector.spans().stream().filter(span -> span.getName().equals(name)).toList();
  }

  @Test
  void metricsHaveTheNamesUnitsAndAttributesOfTheConventions() {
    try (OtlpCollector collector = OtlpCollector.start()) {
      CommandLineRun run = run(collector.url());

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(collector.lastMetrics().stream().map(Metric::getName).sorted())
          .containsExactlyElementsOf(
              Stream.concat(
                      CONVENTIONS.keySet().stream(),
                      Arrays.stream(RunMetric.values())
                          .map(metric -> "batchinfer." + metric.dotted()))
                  .sorted()
                  .toList());
      CONVENTIONS.forEach(
          (name, unitAndAttributes) -> {
            Metric metric = metric(collector, name);
            TreeSet<String> seen = new TreeSet<>();
            for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
              seen.addAll(attributes(point.getAttributesList()).keySet());
              assertThat(point.getExplicitBoundsList())
                  .isEqualTo(name.endsWith("duration") ? DURATIONS : TOKENS);
            }
            assertThat(metric.getUnit()).isEqualTo(unitAndAttributes.get(0));
            assertThat(seen)
                .as(name)
                .containsExactlyElementsOf(unitAndAttributes.subList(1, unitAndAttributes.size()));
          });
    }
  }

  @Test
  void whatIsMeasuredIsWhatTheRunDid() {
    try (OtlpCollector collector = OtlpCollector.start()) {
      assertThat(run(collector.url()).exitCode()).isZero();

      Map<String, Long> attempts = new TreeMap<>();
      for (HistogramDataPoint point :
          metric(collector, "gen_ai.client.operation.duration")
              .getHistogram()
              .getDataPointsList()) {
        Map<String, String> attributes = attributes(point.getAttributesList());
        attempts.put(attributes.getOrDefault("error.type", "-"), point.getCount());
        assertThat(attributes)
            .containsEntry("gen_ai.operation.name", "chat")
            .containsEntry("gen_ai.provider.name", "openai")
            .containsEntry("gen_ai.request.model", "m")
            .containsEntry("server.address", "127.0.0.1")
            .containsEntry("server.port", Integer.toString(endpoint.baseUrl().getPort()));
      }
      assertThat(attempts)
          .containsOnly(Map.entry("-", (long) ROWS - FAILING), Map.entry("400", (long) FAILING));
      Map<String, Double> tokens = new TreeMap<>();
      for (HistogramDataPoint point :
          metric(collector, "gen_ai.client.token.usage").getHistogram().getDataPointsList()) {
        tokens.merge(
            attributes(point.getAttributesList()).get("gen_ai.token.type"),
            point.getSum(),
            Double::sum);
      }
      JsonNode record = job.record();
      assertThat(tokens)
          .containsOnly(
              Map.entry("input", record.findPath("prompt_tokens").asDouble()),
              Map.entry("output", record.findPath("completion_tokens").asDouble()));
      assertThat(record.findPath("prompt_tokens").asLong()).isPositive();
      assertThat(metric(collector, "batchinfer.rows.failed").getSum().getDataPoints(0).getAsInt())
          .isEqualTo(FAILING);
    }
  }

  @Test
  void oneSpanForTheRunOneForEachSplitAndFewForRows() {
    try (OtlpCollector collector = OtlpCollector.start()) {
      assertThat(run(collector.url()).exitCode()).isZero();

      List<Span> runs = named(collector, "batchinfer run");
      assertThat(runs).hasSize(1);
      Span run = runs.get(0);
      assertThat(attributes(run.getAttributesList()))
          .containsEntry("batchinfer.rows", Integer.toString(ROWS))
          .containsEntry("batchinfer.rows.failed", Integer.toString(FAILING))
          .containsEntry("batchinfer.status", "completed");
      List<Span> splits = named(collector, "batchinfer split");
      assertThat(splits).hasSizeGreaterThan(2);
      assertThat(splits).allMatch(split -> split.getParentSpanId().equals(run.getSpanId()));
      assertThat(splits.stream().map(split -> attributes(split.getAttributesList())))
          .extracting(attributes -> attributes.get("batchinfer.split"))
          .doesNotHaveDuplicates();
      assertThat(
              splits.stream()
                  .mapToLong(
                      split ->
                          Long.parseLong(
                              attributes(split.getAttributesList()).get("batchinfer.rows")))
                  .sum())
          .isEqualTo(ROWS);
      List<Span> rows = named(collector, "chat m");
      assertThat(rows.size() + splits.size() + 1).isEqualTo(collector.spans().size());
      assertThat(rows)
          .filteredOn(row -> attributes(row.getAttributesList()).containsKey("error.type"))
          .hasSizeBetween(100, 110);
      assertThat(rows).hasSizeBetween(100, 120);
      assertThat(collector.spans()).allMatch(span -> span.getTraceId().equals(run.getTraceId()));
      assertThat(collector.spans())
          .allMatch(span -> span.getEndTimeUnixNano() >= span.getStartTimeUnixNano())
          .allMatch(
              span -> Math.abs(span.getStartTimeUnixNano() - run.getStartTimeUnixNano()) < 60e9);
    }
  }

  @Test
  void noPromptNoAnswerNoIdAndNoKeyReachesTheCollector() {
    try (OtlpCollector collector = OtlpCollector.start()) {
      // Whoever writes the prompt into the model's name must not find it there either.
      assertThat(run(collector.url(), "--model", PROMPT + " " + KEY, "--model-override").exitCode())
          .isZero();

      String told = collector.everything();
      assertThat(told).contains("gen_ai.client.token.usage", "batchinfer split");
      List<String> secret = new ArrayList<>(List.of(PROMPT, KEY, "req-0000", "Bearer"));
      LocalRun.forEachRow(
          job.results(),
          row ->
              secret.add(
                  row.path("response")
                      .path("body")
                      .path("choices")
                      .path(0)
                      .path("message")
                      .path("content")
                      .asText()));
      assertThat(secret).hasSize(4 + ROWS - FAILING);
      assertThat(secret).allMatch(text -> text.length() > 5).noneMatch(told::contains);
    }
  }

  @Test
  void aCollectorThatIsNotThereChangesNothing() throws IOException {
    try (RefusingPort nobody = new RefusingPort()) {
      CommandLineRun run = run(nobody.url());

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err()).containsOnlyOnce(UNHEARD).doesNotContain("Exception");
    }
  }

  @Test
  void aCollectorThatRefusesIsToldOfOnce() {
    try (OtlpCollector collector = OtlpCollector.answering(500)) {
      CommandLineRun run = run(collector.url());

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err()).containsOnlyOnce(UNHEARD);
    }
  }

  @Test
  void aCollectorThatNeverAnswersKeepsNoRunFromItsEnd() {
    try (OtlpCollector collector = OtlpCollector.answering(0)) {
      CommandLineRun run = run(collector.url());

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err()).contains(UNHEARD);
      assertThat(collector.received()).isNotEmpty();
    }
  }
}
