package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ErrorCode.Scope;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file with a line for everything that can be wrong with a line or with its answer. */
class HostileInputTest extends SharedSpark {
  private static final String BLANK = "blank";
  private static final String OK = "ok";

  /** What no line can bring about: an end of the whole job. */
  private static final Set<ErrorCode> NOT_OF_A_LINE =
      EnumSet.of(
          ErrorCode.BATCH_EXPIRED,
          ErrorCode.BATCH_CANCELLED,
          ErrorCode.BATCH_FAILED,
          ErrorCode.ROW_CRASHES_WORKER,
          // One or the other, as everyLineEndsAsItsNoteSays has it.
          ErrorCode.CONNECTION_ERROR,
          ErrorCode.ROW_CRASHES_ENDPOINT,
          ErrorCode.MISSING_VALUE,
          ErrorCode.INVALID_VALUE,
          ErrorCode.UNSUPPORTED_ANSWER_SCHEMA,
          ErrorCode.SCHEMA_MISMATCH,
          ErrorCode.ANSWER_CUT_OFF,
          ErrorCode.ANSWER_FILTERED,
          // Only where rows share a request, go through batches, or have an engine.
          ErrorCode.UNMATCHED_ANSWER,
          ErrorCode.NOT_BATCHED,
          ErrorCode.ROW_CRASHES_ENGINE);

  @TempDir static Path directory;
  private static SimulatedEndpoint endpoint;
  private static LocalRun job;
  private static CommandLineRun run;

  /** By physical line: a row code, {@code http_} and a status, or one of the two words above. */
  private static Map<Integer, String> expected;

  @BeforeAll
  static void readTheNotes() throws IOException {
    endpoint =
        SimulatedEndpoint.start(SimulatorSettings.builder().oversizedBodyBytes(256 << 10).build());
    expected = new TreeMap<>();
    for (String note : Files.readAllLines(resource("lines.expected"))) {
      String[] columns = note.split("\t", -1);
      expected.put(Integer.valueOf(columns[0]), columns[1]);
    }
  }

  @AfterAll
  static void stop() {
    endpoint.close();
  }

  @BeforeEach
  void runOnce() throws IOException {
    if (job == null) {
      job = LocalRun.of(resource("lines.jsonl"), directory.resolve("out"), endpoint);
      run = run("--on-invalid", "record", "--max-failure-rate", "1");
    }
  }

  private static CommandLineRun run(String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--model", "m", "--max-attempts", "2", "--request-timeout", "2s"));
    words.addAll(List.of("--max-line-bytes", "12kB", "--max-response-bytes", "64KiB"));
    words.addAll(List.of("--split-bytes", "4kB", "--media-root"));
    words.add(Files.createDirectories(directory.resolve("media")).toString());
    return job.with(words.toArray(String[]::new));
  }

  private static Path resource(String name) {
    URL url = Objects.requireNonNull(HostileInputTest.class.getResource("/hostile/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int lineOf(JsonNode row) {
    return row.has("input")
        ? row.path("input").path("line").asInt()
        : Integer.parseInt(row.path("custom_id").asText().substring(1));
  }

  private static String codeOf(JsonNode row) {
    return !row.path("error").isNull()
        ? row.path("error").path("code").asText()
        : "http_" + row.path("response").path("status_code").asInt();
  }

  @Test
  void everyLineEndsAsItsNoteSays() {
    Map<Integer, String> found = new TreeMap<>();
    LocalRun.forEachRow(job.results(), row -> found.put(lineOf(row), OK));
    LocalRun.forEachRow(
        job.errors(),
        row -> assertThat(found.put(lineOf(row), codeOf(row))).as("two rows: %s", row).isNull());
    Map<Integer, String> rows = new TreeMap<>(expected);
    rows.values().removeIf(BLANK::equals);
    // With nothing else under way that is answered, resetting a connection looks like going away.
    found.replaceAll(
        (line, code) ->
            code.equals(ErrorCode.ROW_CRASHES_ENDPOINT.code())
                    && ErrorCode.CONNECTION_ERROR.code().equals(rows.get(line))
                ? ErrorCode.CONNECTION_ERROR.code()
                : code);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(found).as(run.err()).isEqualTo(rows);
  }

  @Test
  void everyRowIsThereOnceAndInInputOrder() {
    List<Integer> results = LocalRun.rows(job.results()).stream().map(row -> lineOf(row)).toList();
    List<Integer> errors = LocalRun.rows(job.errors()).stream().map(row -> lineOf(row)).toList();

    assertThat(results).doesNotHaveDuplicates().isSorted();
    assertThat(errors).doesNotHaveDuplicates().isSorted();
    assertThat(results).doesNotContainAnyElementsOf(errors);
  }

  @Test
  void everyRowCodeThatALineCanBringAboutIsInTheFile() {
    Set<String> codes =
        EnumSet.complementOf(EnumSet.copyOf(NOT_OF_A_LINE)).stream()
            .filter(code -> code.scope() != Scope.JOB)
            .map(ErrorCode::code)
            .collect(Collectors.toSet());

    assertThat(LocalRun.rows(job.errors()).stream().map(row -> codeOf(row)).toList())
        .containsAll(codes);
  }

  @Test
  void everyErrorRowNamesItsFileAndSaysWhatIsWrong() {
    for (JsonNode row : LocalRun.rows(job.errors())) {
      assertThat(row.path("input").path("file").asText()).endsWith("/hostile/lines.jsonl");
      boolean readable = !row.path("response").isNull() && !codeOf(row).equals("invalid_response");
      assertThat(row.path("error").isNull()).as("%s", row).isEqualTo(readable);
      assertThat(row.path("error").path("message").asText("").isEmpty())
          .as("%s", row)
          .isEqualTo(readable);
    }
  }

  @Test
  void refusalsKeepWhatTheEndpointAnswered() {
    List<Integer> statuses = new ArrayList<>();
    for (JsonNode row : LocalRun.rows(job.errors())) {
      JsonNode response = row.path("response");
      if (!response.isNull() && response.path("status_code").asInt() >= 400) {
        statuses.add(response.path("status_code").asInt());
        assertThat(response.path("request_id").asText()).as("%s", row).isNotEmpty();
        assertThat(response.path("body").path("error").path("message").asText())
            .as("%s", row)
            .isNotEmpty();
      }
    }
    assertThat(statuses).contains(400, 403, 404, 413, 422, 500);
  }

  @Test
  void withoutLeaveToRecordTheLinesAreListedAndNothingIsSent() throws IOException {
    long before = endpoint.statistics().received();
    LocalRun recorded = job;
    job = LocalRun.of(recorded.input(), directory.resolve("refused"), endpoint);
    CommandLineRun refused;
    try {
      refused = run();
    } finally {
      job = recorded;
    }
    Set<String> lineCodes =
        EnumSet.allOf(ErrorCode.class).stream()
            .filter(code -> code.scope() == Scope.INVALID_LINE)
            .map(ErrorCode::code)
            .collect(Collectors.toSet());
    List<Integer> invalid =
        expected.entrySet().stream()
            .filter(line -> lineCodes.contains(line.getValue()))
            .map(Map.Entry::getKey)
            .toList();

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.INVALID_INPUT.exitCode());
    assertThat(endpoint.statistics().received()).isEqualTo(before);
    assertThat(refused.err())
        .contains(
            "The input has " + invalid.size() + " invalid lines; nothing was sent.",
            "/hostile/lines.jsonl:" + invalid.get(0) + ": ",
            "/hostile/lines.jsonl:" + invalid.get(19) + ": ",
            "and " + (invalid.size() - 20) + " more")
        .doesNotContain("/hostile/lines.jsonl:" + invalid.get(20) + ": ");
  }
}
