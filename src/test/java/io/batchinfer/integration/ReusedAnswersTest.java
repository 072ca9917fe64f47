package io.batchinfer.integration;

import static io.batchinfer.integration.CountingServer.byId;
import static io.batchinfer.integration.CountingServer.said;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that an earlier output has are taken over, and only what is new is sent. */
class ReusedAnswersTest extends SharedSpark {
  @TempDir Path directory;
  private CountingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new CountingServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "t" + i).toList();
  }

  private static Map<String, Long> files(Path folder) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        sizes.put(file.toString(), Files.size(file));
      }
    }
    return sizes;
  }

  @Test
  void onlyWhatIsNewOrEditedIsSent() throws IOException {
    long seed = System.nanoTime();
    LocalRun old = server.job(directory.resolve("old"), texts(0, 2_000), "");
    assertThat(old.with("--split-bytes", "32k").exitCode()).isZero();
    Map<String, Long> before = files(old.output());
    List<String> now = new ArrayList<>(texts(20, 2_000));
    for (int i = 0; i < 20; i++) {
      now.set(i * 37, now.get(i * 37) + " edited");
    }
    now.addAll(texts(5_000, 5_020));
    Collections.shuffle(now, new Random(seed));
    server.forget();
    LocalRun job = server.job(directory.resolve("new"), now, "", "n");

    CommandLineRun run =
        job.with("--split-bytes", "16k", "--reuse", old.output().toString(), "--json");

    assertThat(run.exitCode()).as("seed %d: %s", seed, run.err()).isZero();
    assertThat(server.asked()).as("seed %d", seed).hasSize(40);
    assertThat(server.asked().values()).containsOnly(1);
    Map<String, JsonNode> earlier = byId(old.results());
    Map<String, JsonNode> rows = byId(job.results());
    assertThat(rows).hasSize(now.size());
    for (int row = 0; row < now.size(); row++) {
      JsonNode line = rows.get("n" + row);
      assertThat(said(line)).isEqualTo("to " + now.get(row));
      if (server.asked().containsKey(now.get(row))) {
        assertThat(line.has("reused_from")).isFalse();
      } else {
        String id = earlier.get("r" + now.get(row).substring(1)).path("id").asText();
        assertThat(line.path("reused_from").asText()).endsWith(old.output() + "#" + id);
      }
    }
    assertThat(job.record().path("reused_requests").asInt()).isEqualTo(now.size() - 40);
    assertThat(job.record().path("attempts").asInt()).isGreaterThanOrEqualTo(40);
    assertThat(files(old.output())).as("the old output").isEqualTo(before);
  }

  @Test
  void whatFailedThereIsSent() throws IOException {
    server.statuses = (text, n) -> text.equals("t1") ? 400 : 200;
    LocalRun old = server.job(directory.resolve("old"), texts(0, 4), "");
    assertThat(old.with("--max-failure-rate", "1").exitCode()).isZero();
    server.statuses = (text, n) -> 200;
    server.forget();
    LocalRun job = server.job(directory.resolve("new"), texts(0, 4), "");

    assertThat(job.with("--reuse", old.output().toString()).exitCode()).isZero();

    assertThat(server.asked()).containsOnlyKeys("t1");
    assertThat(byId(job.results())).hasSize(4);
  }

  @Test
  void severalOutputsGiveWhatTheyHave() throws IOException {
    LocalRun first = server.job(directory.resolve("a"), texts(0, 10), "");
    LocalRun second = server.job(directory.resolve("b"), texts(5, 20), "");
    assertThat(first.with().exitCode()).isZero();
    assertThat(second.with().exitCode()).isZero();
    server.forget();
    LocalRun job = server.job(directory.resolve("c"), texts(0, 25), "");

    CommandLineRun run =
        job.with("--reuse", first.output().toString(), "--reuse", second.output().toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(server.asked()).containsOnlyKeys(texts(20, 25));
    assertThat(byId(job.results())).hasSize(25);
  }

  @Test
  void rowsThatAreEqualToEachOtherAllGetTheAnswer() throws IOException {
    LocalRun old = server.job(directory.resolve("old"), List.of("a", "b"), "\"seed\":1,");
    assertThat(old.with().exitCode()).isZero();
    server.forget();
    LocalRun job =
        server.job(directory.resolve("new"), List.of("c", "a", "a", "c", "a"), "\"seed\":1,");

    assertThat(job.with("--reuse", old.output().toString()).exitCode()).isZero();

    assertThat(server.asked()).containsOnlyKeys("c").containsEntry("c", 1);
    assertThat(job.record().path("reused_requests").asInt()).isEqualTo(3);
    assertThat(job.record().path("deduplicated_requests").asInt()).isEqualTo(1);
  }

  @Test
  void anAnswerThatDoesNotFitTheSchemaIsAskedForAgain() throws IOException {
    LocalRun old = server.job(directory.resolve("old"), texts(0, 3), "");
    assertThat(old.with().exitCode()).isZero();
    server.forget();
    LocalRun job = server.job(directory.resolve("new"), texts(0, 3), "");

    CommandLineRun run =
        job.with(
            "--reuse",
            old.output().toString(),
            "--answer-schema",
            "{\"type\":\"object\"}",
            "--answer-schema-mode",
            "check");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(server.asked()).containsOnlyKeys(texts(0, 3));
    assertThat(job.record().path("reused_requests").asInt()).isZero();
  }

  @Test
  void whatHoldsNoJobIsRefusedBeforeAnythingIsTouched() throws IOException {
    LocalRun job = server.job(directory.resolve("new"), texts(0, 3), "");

    CommandLineRun nothing = job.with("--reuse", directory.resolve("nowhere").toString());
    CommandLineRun itself = job.with("--reuse", job.output().toString());

    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.err()).contains("nowhere", "holds no job", "Leave it out");
    assertThat(itself.exitCode()).isEqualTo(2);
    assertThat(itself.err()).contains("is the job's own output");
    assertThat(server.asked()).isEmpty();
    assertThat(job.output().resolve("job.json")).doesNotExist();
  }
}
