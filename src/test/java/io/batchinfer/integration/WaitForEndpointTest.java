package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that does not listen yet, over a real port. */
class WaitForEndpointTest extends SharedSpark {
  private static final int ROWS = 20;

  @TempDir Path directory;

  private LocalRun job(MortalServer server) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      lines.add(
          "{\"custom_id\":\"r%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"row %d\"}]}}"
              .formatted(row, row));
    }
    Path input = Files.write(directory.resolve("in.jsonl"), lines);
    return new LocalRun(input, directory.resolve("out"), server.baseUrl());
  }

  private static void assertAllAnsweredAtTheFirstTry(LocalRun job, MortalServer server) {
    assertThat(LocalRun.rows(job.results())).hasSize(ROWS);
    for (int row = 0; row < ROWS; row++) {
      assertThat(server.timesReceived(row)).as("row " + row).isOne();
    }
    JsonNode record = job.record();
    assertThat(record.path("succeeded_requests").asInt()).isEqualTo(ROWS);
    assertThat(record.path("may_have_run").asInt()).isZero();
  }

  @Test
  void aPortThatOpensLateIsWaitedForWhichIsSaidAtOnce() throws IOException {
    try (MortalServer server = new MortalServer(10, 500)) {
      LocalRun job = job(server);

      CommandLineRun run =
          job.heard(
              said -> {
                if (said.contains(" refuses connections since ")) {
                  server.listen();
                }
              },
              "--wait-for-endpoint",
              "1m");

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.err())
          .containsPattern(
              "0 of 20 \\(0 %\\), "
                  + server.baseUrl()
                  + " refuses connections since [0-9: -]+; waiting until [0-9: -]+, --wait-for-endpoint 1m, ");
      assertAllAnsweredAtTheFirstTry(job, server);
    }
  }

  @Test
  void aPortThatNeverOpensEndsTheRunAndTheSameCommandGoesOn() throws IOException {
    try (MortalServer server = new MortalServer(10, 500)) {
      LocalRun job = job(server);

      CommandLineRun run = job.with("--wait-for-endpoint", "2s");

      assertThat(run.exitCode()).as(run.err()).isOne();
      assertThat(run.err())
          .contains(
              "Job %s: stopped".formatted(job.record().path("job_id").asText()),
              "20 requests: 0 succeeded, 0 failed, 20 open",
              "Endpoint \"%s/v1/chat/completions\" cannot be reached (refuses connections, for 2 s now). Check --base-url, the network and any proxy, then give the same command again."
                  .formatted(server.baseUrl()));
      assertThat(job.record().path("status").asText()).isEqualTo("stopped");

      server.listen();
      CommandLineRun again = job.with("--wait-for-endpoint", "2s");

      assertThat(again.exitCode()).as(again.err()).isZero();
      assertAllAnsweredAtTheFirstTry(job, server);
    }
  }
}
