package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.TinyModelServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job that starts its own server, a real process of this machine. */
@Timeout(600)
class EngineRunTest extends SharedSpark {
  private static final int ROWS = 200;

  @TempDir Path directory;

  private CommandLineRun run(Consumer<String> whileItRuns, String engine, String... more)
      throws IOException {
    Path input = directory.resolve("in.jsonl");
    if (!Files.exists(input)) {
      Requests.chat(input, ROWS, 5);
    }
    List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
    words.addAll(List.of("--output", output().toString(), "--engine", engine));
    words.addAll(Arrays.asList(more));
    return CommandLineRun.heard(whileItRuns, words.toArray(String[]::new));
  }

  private CommandLineRun run(String engine, String... more) throws IOException {
    return run(said -> {}, engine, more);
  }

  private Path output() {
    return directory.resolve("out");
  }

  private Path pids() {
    return directory.resolve("pids");
  }

  private String tiny(String... more) {
    List<String> words = new ArrayList<>(List.of(more));
    words.add("pids=" + pids());
    return String.join(" ", TinyModelServer.command("{port}", words.toArray(String[]::new)));
  }

  private JsonNode record() throws IOException {
    return LocalRun.JSON.readTree(Files.readAllBytes(output().resolve("job.json")));
  }

  private List<ProcessHandle> alive() {
    try (Stream<String> lines = Files.lines(pids())) {
      return lines
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
          .filter(ProcessHandle::isAlive)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertNoneIsLeft() {
    Eventually.await(
        "no process of an engine is left",
        LONG_ENOUGH,
        () -> alive().isEmpty(),
        () -> alive().toString());
  }

  private String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(output().resolve("_engine"))) {
      for (Path file : files.toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  @Test
  void aJobIsAnsweredByTheEngineThatItStartsAndEnds() throws IOException {
    CommandLineRun run = run(tiny());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(LocalRun.rows(output().resolve("results"))).hasSize(ROWS);
    assertNoneIsLeft();
    JsonNode engine = record().path("engines").path(0);
    assertThat(engine.path("name").asText()).isEqualTo("engine of executor driver");
    assertThat(engine.path("state").asText()).isEqualTo("ended");
    assertThat(engine.path("requests").asInt()).isEqualTo(ROWS);
    assertThat(engine.path("completion_tokens").asInt()).isEqualTo(7 * ROWS);
    assertThat(engine.path("seconds_until_ready").asDouble()).isPositive();
    assertThat(run.err()).contains("The engine of executor driver is ready after ");
    assertThat(logs()).contains("listening with token null");
  }

  @Test
  void rowsUnderWayOnAnEngineThatIsKilledAreSentAgainAndCostNothing() throws IOException {
    List<ProcessHandle> killed = new ArrayList<>();

    CommandLineRun run =
        run(
            said -> {
              if (said.contains(" is ready after ") && killed.isEmpty()) {
                killed.addAll(alive());
                killed.forEach(ProcessHandle::destroyForcibly);
              }
            },
            tiny("answer-ms=100"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(killed).isNotEmpty();
    assertThat(record().path("succeeded_requests").asInt()).isEqualTo(ROWS);
    assertThat(record().path("may_have_run").asInt()).isZero();
    assertThat(record().path("engines").path(0).path("restarts").asInt()).isEqualTo(1);
    assertNoneIsLeft();
  }

  @Test
  void aRowThatKillsItsEngineIsFoundAndTheOthersAreAnswered() throws IOException {
    Files.writeString(
        directory.resolve("in.jsonl"),
        String.join(
            "",
            Stream.iterate(0, i -> i < ROWS, i -> i + 1)
                .map(i -> Requests.line(i, i == 77 ? "poison" : "word"))
                .toList()));

    CommandLineRun run = run(tiny());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(record().path("succeeded_requests").asInt()).isEqualTo(ROWS - 1);
    List<JsonNode> errors = LocalRun.rows(output().resolve("errors"));
    assertThat(errors).hasSize(1);
    assertThat(errors.get(0).path("custom_id").asText()).isEqualTo("req-0000077");
    assertThat(errors.get(0).path("error").path("code").asText()).isEqualTo("row_crashes_engine");
    assertNoneIsLeft();
  }

  @Test
  void aRowThatIsAloneInItsJobIsFoundToo() throws IOException {
    Files.writeString(directory.resolve("in.jsonl"), Requests.line(0, "poison"));

    CommandLineRun run = run(tiny());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    List<JsonNode> errors = LocalRun.rows(output().resolve("errors"));
    assertThat(errors).hasSize(1);
    assertThat(errors.get(0).path("error").path("code").asText()).isEqualTo("row_crashes_engine");
    assertThat(record().path("engines").path(0).path("restarts").asInt()).isLessThanOrEqualTo(3);
    assertNoneIsLeft();
  }

  @Test
  void anEngineThatDiesOfEveryRowBlamesFew() throws IOException {
    Files.writeString(
        directory.resolve("in.jsonl"),
        String.join(
            "",
            Stream.iterate(0, i -> i < ROWS, i -> i + 1)
                .map(i -> Requests.line(i, "poison"))
                .toList()));

    CommandLineRun run = run(tiny());

    assertThat(run.exitCode()).as(run.err()).isOne();
    assertThat(run.err()).contains("No engine answered a row", "out of memory");
    assertThat(record().path("failed_requests").asInt()).isLessThanOrEqualTo(5);
    assertNoneIsLeft();
  }

  @Test
  void anEngineThatDoesNotComeUpEndsTheJobWithItsLastWords() throws IOException {
    CommandLineRun run = run("sh -c 'echo CUDA out of memory on {port}; exit 3'");

    assertThat(run.exitCode()).as(run.err()).isOne();
    assertThat(run.err())
        .contains("No engine came up", "it ended with exit code 3", "CUDA out of memory on ");
    assertThat(record().path("attempts").asInt()).isZero();
    assertThat(logs()).contains("CUDA out of memory on ");
  }

  @Test
  void anEngineThatIsNeverReadyEndsTheJobInTime() throws IOException {
    CommandLineRun run = run(tiny("refuse=500"), "--engine-ready-timeout", "6s");

    assertThat(run.exitCode()).as(run.err()).isOne();
    assertThat(run.err()).contains("it was not ready within", "was answered with 500");
    assertNoneIsLeft();
  }

  @Test
  void whatDoesNotGoTogetherIsSaid() throws IOException {
    CommandLineRun both = run(tiny(), "--base-url", "http://localhost:1");
    CommandLineRun unset = run(tiny(), "--engine-env", "NO_SUCH_VARIABLE");

    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.err()).contains("--engine", "--base-url");
    assertThat(unset.exitCode()).isEqualTo(2);
    assertThat(unset.err()).contains("NO_SUCH_VARIABLE", "--engine-env");
  }
}
