package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official Mistral and OpenAI SDKs, unmodified, against the service as it is shipped. The
 * checks are Node's, in {@code src/test/node}; their reports go to {@code target/sdk-contract}.
 */
class SdkContractIT {
  private static final Duration TO_INSTALL = Duration.ofMinutes(5);
  private static final Duration TO_TEST = Duration.ofMinutes(15);
  private static final int FEWEST_CHECKS = 380;

  /** From the creation of a job to its end by time: enough for a service to start and answer. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(80);

  private static final SimulatorSettings SLOW =
      SimulatorSettings.defaults().toBuilder()
          .slots(4)
          .timeToFirstToken(Duration.ofMillis(20))
          .build();

  @TempDir Path directory;

  @Test
  void theOfficialSdksFindWhatTheirProvidersPromise() throws IOException {
    Path reports = Path.of("target/sdk-contract").toAbsolutePath();
    NodeTests tests =
        NodeTests.installed(BuiltProduct.baseDirectory().resolve("src/test/node"), TO_INSTALL);
    Path product = ShippedService.unpack(directory);
    createShortLivedJob(directory.resolve("main/store"));

    try (SimulatedEndpoint slow = SimulatedEndpoint.start(SLOW);
        ShippedService main =
            ShippedService.start(
                product,
                directory.resolve("main"),
                List.of("ours", "theirs", "late", "hurried"),
                List.of("--simulate"));
        ShippedService small =
            ShippedService.start(
                product,
                directory.resolve("small"),
                List.of("ours"),
                List.of(
                    "--base-url",
                    slow.baseUrl().toString(),
                    "--max-pending-requests",
                    "1000",
                    "--batch-max-lines",
                    "50",
                    "--batch-max-bytes",
                    "20000"))) {
      main.limit("hurried", "--requests-per-minute", "12");
      ForkedProcess.Command command =
          ForkedProcess.command(tests.command("contract", reports))
              .in(tests.folder())
              .with("BATCHINFER_URL", main.url())
              .with("BATCHINFER_KEY", main.key("ours"))
              .with("BATCHINFER_KEY_COLLEAGUE", main.anotherKey("ours"))
              .with("BATCHINFER_KEY_OTHER", main.key("theirs"))
              .with("BATCHINFER_KEY_LATE", main.key("late"))
              .with("BATCHINFER_KEY_HURRIED", main.key("hurried"))
              .with("BATCHINFER_URL_SMALL", small.url())
              .with("BATCHINFER_KEY_SMALL", small.key("ours"));

      Finished finished = command.run(TO_TEST);

      Files.writeString(reports.resolve("service.log"), main.log());
      Files.writeString(reports.resolve("small-service.log"), small.log());
      List<String> tap = Files.readAllLines(reports.resolve("results.tap"));
      assertThat(NodeTests.failures(tap)).as("%s", reports.resolve("spec.txt")).isEmpty();
      assertThat(finished.exitCode()).as("%s", finished).isZero();
      assertThat(NodeTests.passes(tap)).isGreaterThan(FEWEST_CHECKS);
    }
  }

  /**
   * A job of an hour that was created almost an hour ago: some requests are quick, most are not.
   */
  private void createShortLivedJob(Path store) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < 24; row++) {
      lines.append(
          "{\"custom_id\":\"%d\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}\n"
              .formatted(row, row < 20 ? "quick" : "[[latency:5m]]"));
    }
    Path input = Files.writeString(directory.resolve("late.jsonl"), lines);
    List<String> words = new ArrayList<>(List.of("jobs", "create", "--workspace", "late"));
    words.addAll(List.of("--store", store.toString(), "--input", input.toString()));
    words.addAll(List.of("--endpoint", "/v1/chat/completions", "--model", "m"));
    words.addAll(List.of("--timeout-hours", "1"));
    CommandLineRun created = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(created.exitCode()).as("%s", created).isZero();
    Path record =
        store.resolve("workspaces/late/jobs/%s/batch.json".formatted(created.out().strip()));
    JsonNode job = LocalRun.JSON.readTree(Files.readAllBytes(record));
    long end = System.currentTimeMillis() + SHORT_LIFE.toMillis();
    ((ObjectNode) job.path("spec")).put("createdMillis", end - Duration.ofHours(1).toMillis());
    Files.write(record, LocalRun.JSON.writeValueAsBytes(job));
  }

  @Test
  void theSdksArePinnedToTheVersionsThatTheContractWasReadFrom() throws IOException {
    Path folder = BuiltProduct.baseDirectory().resolve("src/test/node");

    JsonNode pinned =
        LocalRun.JSON
            .readTree(Files.readAllBytes(folder.resolve("package.json")))
            .path("devDependencies");
    assertThat(pinned.path("@mistralai/mistralai").asText()).isEqualTo("2.7.0");
    assertThat(pinned.path("openai").asText()).isEqualTo("7.57.0");
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    assertThat(names).doesNotContain("package-lock.json", "npm-shrinkwrap.json");
  }
}
