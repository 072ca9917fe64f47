package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service whose jobs leave their engine to each other, and that is killed. */
class WarmEngineIT {
  private static final int ROWS = 30;

  @TempDir Path directory;

  private CommandLineRun jobs(String... words) {
    List<String> all = new ArrayList<>(List.of("jobs"));
    all.addAll(List.of(words));
    all.addAll(List.of("--store", directory.resolve("service/store").toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private void answered(ShippedService service, Path input) {
    CommandLineRun created =
        jobs(
            "create",
            "--workspace",
            "team",
            "--endpoint",
            "/v1/chat/completions",
            "--input",
            input.toString());
    assertThat(created.exitCode()).as("%s", created).isZero();
    String id = created.out().strip();
    Eventually.await(
        "the job ends",
        LONG_ENOUGH,
        () -> jobs("get", id, "--json").out().contains("\"status\":\"SUCCESS\""),
        () -> jobs("get", id) + service.log());
    Path to = directory.resolve(id + ".jsonl");
    assertThat(jobs("download", id, "--to", to.toString()).exitCode()).isZero();
    assertThat(to).content().hasLineCount(ROWS);
  }

  @Test
  void twoJobsAreAnsweredByOneEngineWhichAKilledServiceDoesNotLeaveBehind() throws IOException {
    Path pids = directory.resolve("pids");
    Path input = directory.resolve("in.jsonl");
    Requests.chat(input, ROWS, 3);
    try (ShippedService service =
        ShippedService.start(
            ShippedService.unpack(directory),
            directory.resolve("service"),
            List.of("team"),
            List.of("--engine", EngineJob.simulator(pids, "")))) {
      answered(service, input);
      answered(service, input);
      assertThat(Files.readAllLines(pids)).as("%s", service.log()).hasSize(1);
      assertThat(EngineJob.living(pids)).hasSize(1);
      assertThat(service.log()).contains("was kept warm for ", ", and is used again");

      service.killAlone();

      Eventually.await(
          "no engine is left",
          EngineJob.TO_BE_GONE,
          () -> EngineJob.living(pids).isEmpty(),
          () -> "" + EngineJob.living(pids));
    }
  }
}
