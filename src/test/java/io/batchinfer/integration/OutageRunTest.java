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
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rows that kill their server, over real connections, in another place each time. Many more of
 * them, more processes and gateways are played in virtual time by {@link
 * io.batchinfer.simulation.OutageTest}.
 */
class OutageRunTest extends SharedSpark {
  private static final int ROWS = 120;
  private static final int KILLERS = 2;

  /**
   * Longer than the second after which the first look finds that nobody listens, on a busy machine
   * as well, and shorter than the two after which the second one finds the server back. Of a server
   * that is back before anyone looks, nobody can tell that it died again.
   */
  private static final long RESTART_MILLIS = 1_800;

  @TempDir Path directory;

  private Path input(Set<Integer> killers) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      String word = killers.contains(row) ? "killer" : "harmless";
      lines.add(
          "{\"custom_id\":\"r%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"%s row %d\"}]}}"
              .formatted(row, word, row));
    }
    return Files.write(directory.resolve("in.jsonl"), lines);
  }

  @ParameterizedTest
  @CsvSource({"8,1", "0,2"})
  void aRowThatKillsItsServerEndsAloneAndTheOthersAreAnswered(int slots, int servers)
      throws IOException {
    long seed = ThreadLocalRandom.current().nextLong();
    System.out.println("OutageRunTest: seed " + seed);
    Set<Integer> killers = new TreeSet<>();
    Random random = new Random(seed);
    while (killers.size() < KILLERS) {
      killers.add(random.nextInt(ROWS));
    }
    List<MortalServer> running = new ArrayList<>();
    try {
      List<String> options = new ArrayList<>(List.of("--max-failure-rate", "0.5"));
      for (int i = 0; i < servers; i++) {
        running.add(MortalServer.listening(50, RESTART_MILLIS));
      }
      for (MortalServer other : running.subList(1, servers)) {
        options.addAll(List.of("--base-url", other.baseUrl()));
      }
      if (slots > 0) {
        options.addAll(List.of("--concurrency", "" + slots));
      }
      LocalRun job =
          new LocalRun(input(killers), directory.resolve("out"), running.get(0).baseUrl());

      CommandLineRun run = job.with(options.toArray(String[]::new));

      System.out.println(run.err());
      assertThat(run.exitCode()).as(run.err()).isZero();
      Set<Integer> blamed = new TreeSet<>();
      for (JsonNode row : LocalRun.rows(job.errors())) {
        assertThat(row.path("error").path("code").asText()).isEqualTo("row_crashes_endpoint");
        blamed.add(Integer.parseInt(row.path("custom_id").asText().substring(1)));
      }
      assertThat(blamed).isEqualTo(killers);
      List<JsonNode> answers = LocalRun.rows(job.results());
      assertThat(answers).hasSize(ROWS - KILLERS);
      for (JsonNode row : answers) {
        assertThat("r" + row.at("/response/body/choices/0/message/content").asText().substring(4))
            .isEqualTo(row.path("custom_id").asText());
      }
      assertThat(running.stream().mapToInt(MortalServer::deaths).sum())
          .isLessThanOrEqualTo(3 * KILLERS + 1);
      for (int row = 0; row < ROWS; row++) {
        int number = row;
        int sent = running.stream().mapToInt(server -> server.timesReceived(number)).sum();
        int lost = running.stream().mapToInt(server -> server.timesTakenAlong(number)).sum();
        assertThat(sent).as("times that row %s was sent", row).isLessThanOrEqualTo(lost + 1);
      }
    } finally {
      running.forEach(MortalServer::close);
    }
  }
}
