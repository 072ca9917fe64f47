package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code jobs} commands beside a service process, and before one is there. */
class JobsBesideServiceIT {
  private static final int ROWS = 20;

  @TempDir private Path directory;

  private CommandLineRun jobs(String command, String... arguments) {
    List<String> words = new ArrayList<>(List.of("jobs", command));
    words.addAll(List.of("--store", directory.resolve("service/store").toString()));
    words.addAll(Arrays.asList(arguments));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private String create(Path input) {
    CommandLineRun run =
        jobs(
            "create",
            "--workspace",
            "team",
            "--endpoint",
            "/v1/chat/completions",
            "--model",
            "m",
            "--input",
            input.toString());
    assertThat(run.exitCode()).as("%s", run).isZero();
    return run.out().strip();
  }

  private void awaitSuccess(String id, ShippedService service) {
    Eventually.await(
        "the job ends",
        LONG_ENOUGH,
        () -> jobs("get", id, "--json").out().contains("\"status\":\"SUCCESS\""),
        () -> jobs("get", id) + service.log());
    Path to = directory.resolve(id + ".jsonl");
    CommandLineRun download = jobs("download", id, "--to", to.toString());
    assertThat(download.exitCode()).as("%s", download).isZero();
    assertThat(to).content().hasLineCount(ROWS);
  }

  @Test
  void aJobRunsWhetherTheServiceIsThereOrComesLater() throws IOException {
    Path input = directory.resolve("in.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      lines.append(
          "{\"custom_id\":\"%d\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}\n"
              .formatted(row));
    }
    Files.writeString(input, lines);
    Path product = ShippedService.unpack(directory);
    Path folder = directory.resolve("service");

    String first;
    try (ShippedService service =
        ShippedService.start(product, folder, List.of("team"), List.of("--simulate"))) {
      first = create(input);
      awaitSuccess(first, service);
    }

    String second = create(input);
    assertThat(jobs("get", second).out()).contains("QUEUED");
    assertThat(jobs("list", "--status", "QUEUED").out()).contains(second).doesNotContain(first);
    assertThat(jobs("delete", second).exitCode()).isEqualTo(2);

    try (ShippedService service =
        ShippedService.start(product, folder, List.of("team"), List.of("--simulate"))) {
      awaitSuccess(second, service);
      assertThat(jobs("delete", first).exitCode()).isZero();
      assertThat(jobs("list").out()).contains(second).doesNotContain(first);
    }
  }
}
