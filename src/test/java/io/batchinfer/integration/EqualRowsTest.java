package io.batchinfer.integration;

import static io.batchinfer.integration.CountingServer.byId;
import static io.batchinfer.integration.CountingServer.said;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that ask the same are paid once, and each has its line. */
class EqualRowsTest extends SharedSpark {
  @TempDir Path directory;
  private CountingServer server;
  private Map<String, Integer> asked;

  @BeforeEach
  void start() throws IOException {
    server = new CountingServer();
    asked = server.asked();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private LocalRun job(int rows, IntFunction<String> text, String beside) throws IOException {
    return server.job(directory, IntStream.range(0, rows).mapToObj(text).toList(), beside);
  }

  @Test
  void equalRowsOfManySplitsAreSentOnce() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int row = 0; row < 3_000; row++) {
      texts.add("t" + random.nextInt(1_000));
    }
    LocalRun job = job(texts.size(), texts::get, "\"temperature\":0,");

    CommandLineRun run = job.with("--split-bytes", "16k", "--json");

    assertThat(run.exitCode()).as("seed %d: %s", seed, run.err()).isZero();
    long distinct = texts.stream().distinct().count();
    assertThat(asked.values()).as("seed %d", seed).containsOnly(1).hasSize((int) distinct);
    Map<String, JsonNode> rows = byId(job.results());
    assertThat(rows).hasSize(texts.size());
    Map<String, String> leaders = new TreeMap<>();
    for (int row = 0; row < texts.size(); row++) {
      JsonNode line = rows.get("r" + row);
      String text = texts.get(row);
      assertThat(said(line)).as("seed %d, row %d", seed, row).isEqualTo("to " + text);
      String leader = leaders.putIfAbsent(text, line.path("id").asText());
      assertThat(line.path("deduplicated_from").asText(null))
          .as("seed %d, row %d", seed, row)
          .isEqualTo(leader);
    }
    JsonNode record = job.record();
    assertThat(record.path("deduplicated_requests").asLong()).isEqualTo(texts.size() - distinct);
    assertThat(record.path("attempts").asLong()).isGreaterThanOrEqualTo(distinct);
    assertThat(record.path("prompt_tokens").asLong()).isEqualTo(5 * distinct);
    assertThat(record.path("succeeded_requests").asLong()).isEqualTo(texts.size());
  }

  /** The text of every line in its place, without the fields that may differ. */
  private static List<String> lines(LocalRun job) throws IOException {
    List<String> lines = new ArrayList<>();
    LocalRun.forEachRow(
        job.results(),
        row -> {
          ObjectNode line = (ObjectNode) row;
          line.remove("deduplicated_from");
          lines.add(line.toString());
        });
    return lines;
  }

  @Test
  void theOutputIsThatOfARunThatSendsEveryRowButForWhereAnAnswerIsFrom() throws IOException {
    IntFunction<String> texts = row -> "t" + row % 70;
    Path once = Files.createDirectory(directory.resolve("once"));
    Path each = Files.createDirectory(directory.resolve("each"));
    List<String> asks = IntStream.range(0, 500).mapToObj(texts).toList();
    LocalRun shared = server.job(once, asks, "\"temperature\":0,");
    LocalRun sent = server.job(each, asks, "\"temperature\":0,");

    assertThat(shared.with("--split-bytes", "16k").exitCode()).isZero();
    assertThat(sent.with("--split-bytes", "16k", "--dedupe", "off").exitCode()).isZero();

    assertThat(asked.get("t0")).as("once, and then each of its rows").isEqualTo(1 + 8);
    assertThat(lines(shared)).hasSize(500).isEqualTo(lines(sent));
  }

  @Test
  void rowsWhoseAnswersAreUpToChanceAreEachSent() throws IOException {
    LocalRun job = job(20, row -> "same", "");

    assertThat(job.with().exitCode()).isZero();

    assertThat(asked).containsEntry("same", 20);
    assertThat(job.record().path("deduplicated_requests").asLong()).isZero();
  }

  @Test
  void allEqualRowsShareAnAnswerWhereThatIsAskedFor() throws IOException {
    LocalRun job = job(20, row -> "same", "");

    assertThat(job.with("--dedupe", "on").exitCode()).isZero();

    assertThat(asked).containsEntry("same", 1);
    assertThat(byId(job.results())).hasSize(20);
  }

  @Test
  void noRowsShareAnAnswerWhereThatIsRuledOut() throws IOException {
    LocalRun job = job(20, row -> "same", "\"seed\":7,");

    assertThat(job.with("--dedupe", "off").exitCode()).isZero();

    assertThat(asked).containsEntry("same", 20);
  }

  @Test
  void equalRowsAreRefusedAlike() throws IOException {
    server.statuses = (text, n) -> text.equals("bad") ? 400 : 200;
    LocalRun job = job(40, row -> row % 2 == 0 ? "bad" : "good", "\"temperature\":0,");

    CommandLineRun run = job.with("--max-failure-rate", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(asked).containsEntry("bad", 1).containsEntry("good", 1);
    Map<String, JsonNode> errors = byId(job.errors());
    assertThat(errors).hasSize(20);
    for (int row = 0; row < 40; row += 2) {
      JsonNode line = errors.get("r" + row);
      assertThat(line.at("/response/status_code").asInt()).isEqualTo(400);
      assertThat(line.at("/input/line").asInt()).isEqualTo(row + 1);
    }
    assertThat(job.record().path("failed_requests").asLong()).isEqualTo(20);
  }

  @Test
  void whereAnAttemptFailedTheNextOfTheEqualRowsIsSent() throws IOException {
    server.statuses = (text, n) -> n == 1 ? 500 : 200;
    LocalRun job = job(12, row -> row < 9 ? "often" : "t" + row, "\"temperature\":0,");

    CommandLineRun run = job.with("--max-attempts", "1", "--max-failure-rate", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(asked).containsEntry("often", 2).containsEntry("t9", 1);
    assertThat(byId(job.errors())).containsOnlyKeys("r0", "r9", "r10", "r11");
    Map<String, JsonNode> rows = byId(job.results());
    assertThat(rows).hasSize(8);
    assertThat(rows.get("r1").has("deduplicated_from")).isFalse();
    assertThat(rows.get("r2").path("deduplicated_from").asText())
        .isEqualTo(rows.get("r1").path("id").asText());
  }

  @Test
  void theNextOneIsSentAloneWhereEveryRowIsASplitOfItsOwn() throws IOException {
    server.statuses = (text, n) -> n == 1 ? 500 : 200;
    LocalRun job = job(9, row -> "often", "\"temperature\":0,");

    CommandLineRun run =
        job.with("--max-attempts", "1", "--max-failure-rate", "1", "--split-bytes", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(asked).containsEntry("often", 2);
    assertThat(byId(job.errors())).containsOnlyKeys("r0");
    assertThat(byId(job.results())).hasSize(8);
  }

  @Test
  void whatFailedTwiceFailsForAllAndRunsAgainOnce() throws IOException {
    server.statuses = (text, n) -> n <= 2 ? 500 : 200;
    LocalRun job = job(9, row -> row < 8 ? "often" : "once", "\"temperature\":0,");
    assertThat(job.with("--max-attempts", "1", "--max-failure-rate", "1").exitCode()).isEqualTo(3);
    assertThat(asked).containsEntry("often", 2);
    assertThat(byId(job.errors())).hasSize(9);

    CommandLineRun again = job.with("--max-attempts", "1", "--retry-failed");

    assertThat(asked).containsEntry("often", 3).containsEntry("once", 2);
    assertThat(again.exitCode()).as(again.err()).isEqualTo(3);
    assertThat(byId(job.results())).hasSize(8);
    assertThat(byId(job.errors())).containsOnlyKeys("r8");
  }

  @Test
  void answersThatAreThereAreGivenOutEvenWhenTheJobIsCancelled() throws IOException {
    LocalRun job = job(30, row -> "t" + row / 10, "\"temperature\":0,");
    server.statuses =
        (text, n) -> {
          if (text.equals("t1")) {
            CommandLineRun.of("cancel", job.output().toString());
          }
          return 200;
        };

    CommandLineRun run = job.with("--concurrency", "1", "--split-bytes", "1k");

    assertThat(run.exitCode()).as(run.err()).isIn(0, 4);
    Map<String, JsonNode> rows = byId(job.results());
    Map<String, JsonNode> errors = byId(job.errors());
    assertThat(rows.size() + errors.size()).isEqualTo(30);
    assertThat(rows).containsKeys("r0", "r1", "r9", "r10", "r19");
    assertThat(asked).containsEntry("t0", 1).containsEntry("t1", 1);

    CommandLineRun resumed = job.with("--resume");

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(asked).containsEntry("t0", 1).containsEntry("t1", 1).containsEntry("t2", 1);
    assertThat(byId(job.results())).hasSize(30);
  }
}
