package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs with an answer schema, of whose answers some do not fit, in every way, by a seed. */
class AnswerSchemaRunTest extends SharedSpark {
  private static final int ROWS = Integer.getInteger("batchinfer.schema.rows", 10_000);
  private static final long SEED = Long.getLong("batchinfer.schema.seed", 20_261_128L);
  private static final String COLUMNS =
      "name STRING NOT NULL, score DOUBLE, tags ARRAY<STRING>, at STRUCT<x: INT, kind: STRING>";
  private static final List<Fault> UNFIT =
      List.of(
          Fault.UNFIT_FENCED,
          Fault.UNFIT_TEXT_AROUND,
          Fault.UNFIT_EXTRA_KEY,
          Fault.UNFIT_WRONG_TYPE,
          Fault.UNFIT_CUT_OFF,
          Fault.UNFIT_BROKEN,
          Fault.UNFIT_EMPTY,
          Fault.UNFIT_PROSE);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;

  /** The fault of each row, by its number; absent where its answer fits. */
  private final Map<Integer, Fault> faults = new TreeMap<>();

  @BeforeEach
  void start() {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  /**
   * Writes requests.
   *
   * @param times how often a row is answered wrongly
   */
  private LocalRun job(int rows, String times) throws IOException {
    System.out.println("AnswerSchemaRunTest: seed " + SEED + ", " + rows + " rows");
    Random random = new Random(SEED);
    Path input = directory.resolve("requests.jsonl");
    try (BufferedWriter out = Files.newBufferedWriter(input)) {
      for (int i = 0; i < rows; i++) {
        String text = "Rate this.";
        if (random.nextInt(5) == 0) {
          Fault fault = UNFIT.get(random.nextInt(UNFIT.size()));
          faults.put(i, fault);
          text = "[[fault:" + fault.label() + times + "]]";
        }
        out.write(Requests.line(i, text).replace(",\"max_tokens\":40", ""));
      }
    }
    return LocalRun.of(input, directory.resolve("out"), endpoint);
  }

  private static int number(JsonNode row) {
    return Integer.parseInt(row.path("custom_id").asText().substring("req-".length()));
  }

  private static String text(JsonNode row) {
    return row.at("/response/body/choices/0/message/content").asText();
  }

  private JsonNode schemaOfTheJob(LocalRun job) throws IOException {
    return JSON.readTree(job.record().at("/identity/answer-schema").asText());
  }

  private static boolean libraryFits(JsonSchema schema, String answer) {
    try {
      JsonNode json = JSON.readTree(answer);
      return !json.isMissingNode() && schema.validate(json).isEmpty();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  @Test
  void everyAnswerEndsWhereTheSchemaLibrarySays() throws IOException {
    LocalRun job = job(ROWS, "");

    CommandLineRun run = job.with("--answer-schema", COLUMNS, "--max-failure-rate", "0.5");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonSchema schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(schemaOfTheJob(job));
    List<JsonNode> results = LocalRun.rows(job.results());
    List<JsonNode> errors = LocalRun.rows(job.errors());
    assertThat(results.size() + errors.size()).isEqualTo(ROWS);
    for (JsonNode row : results) {
      assertThat(libraryFits(schema, text(row))).as(row.toString()).isTrue();
      assertThat(faults).doesNotContainKey(number(row));
      assertThat(row.path("error").isNull()).isTrue();
    }
    Map<String, Integer> words = new TreeMap<>();
    for (JsonNode row : errors) {
      assertThat(libraryFits(schema, text(row))).as(row.toString()).isFalse();
      Fault fault = faults.get(number(row));
      assertThat(fault).as(row.toString()).isNotNull();
      assertThat(row.at("/error/code").asText())
          .isEqualTo(fault == Fault.UNFIT_CUT_OFF ? "answer_cut_off" : "schema_mismatch");
      assertThat(row.at("/response/body/usage/prompt_tokens").asInt()).isPositive();
      assertThat(row.at("/error/message").asText()).contains(wordsOf(fault));
      words.merge(fault.label(), 1, Integer::sum);
    }
    assertThat(words).hasSize(UNFIT.size());
    System.out.println("AnswerSchemaRunTest: " + words);
    long cut = faults.values().stream().filter(fault -> fault == Fault.UNFIT_CUT_OFF).count();
    assertThat(job.record().at("/errors/schema_mismatch").asLong()).isEqualTo(errors.size() - cut);
    assertThat(job.record().at("/errors/answer_cut_off").asLong()).isEqualTo(cut);
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS);
  }

  private static String wordsOf(Fault fault) {
    return switch (fault) {
      case UNFIT_FENCED -> "in a code fence (```), which by itself fits";
      case UNFIT_TEXT_AROUND -> "text around its JSON, which by itself fits";
      case UNFIT_EXTRA_KEY -> "simulated_key";
      case UNFIT_WRONG_TYPE -> "/name: array found, string expected";
      case UNFIT_CUT_OFF -> "token limit";
      case UNFIT_BROKEN -> "broken JSON";
      case UNFIT_EMPTY -> "is empty";
      default -> "is text and not JSON";
    };
  }

  @Test
  void repairedRowsSucceedAndCountAllThatTheyUsed() throws IOException {
    LocalRun job = job(500, "*1");

    CommandLineRun run =
        job.with("--answer-schema", COLUMNS, "--repair-attempts", "1", "--max-failure-rate", "0.9");

    assertThat(run.exitCode()).as(run.err()).isZero();
    long cut = faults.values().stream().filter(fault -> fault == Fault.UNFIT_CUT_OFF).count();
    assertThat(LocalRun.rows(job.errors())).hasSize((int) cut);
    assertThat(endpoint.statistics().received()).isEqualTo(500 + faults.size() - cut);
    long prompts = 0;
    List<JsonNode> all = new ArrayList<>(LocalRun.rows(job.results()));
    all.addAll(LocalRun.rows(job.errors()));
    for (JsonNode row : all) {
      Fault fault = faults.get(number(row));
      int answers = fault == null || fault == Fault.UNFIT_CUT_OFF ? 1 : 2;
      prompts += answers * row.at("/response/body/usage/prompt_tokens").asLong();
    }
    assertThat(job.record().at("/prompt_tokens").asLong()).isEqualTo(prompts);
  }

  @Test
  void failedRowsRunAgainAndNoOthers() throws IOException {
    LocalRun job = job(300, "*1");
    String[] options = {"--answer-schema", COLUMNS, "--max-failure-rate", "0.9"};
    CommandLineRun first = job.with(options);
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(LocalRun.rows(job.errors())).hasSize(faults.size());
    assertThat(first.err()).contains("--retry-failed");

    CommandLineRun again =
        job.with("--answer-schema", COLUMNS, "--max-failure-rate", "0.9", "--retry-failed");

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(endpoint.statistics().received()).isEqualTo(300 + faults.size());
    assertThat(LocalRun.rows(job.results())).hasSize(300);
  }

  @Test
  void anotherSchemaIsAnotherJob() throws IOException {
    LocalRun job = job(10, "*1");
    assertThat(job.with("--answer-schema", "a INT", "--max-failure-rate", "1").exitCode()).isZero();

    Path file = Files.writeString(directory.resolve("schema.ddl"), "a INT\n");
    CommandLineRun same = job.with("--answer-schema", file.toString(), "--max-failure-rate", "1");
    CommandLineRun other = job.with("--answer-schema", "b INT", "--max-failure-rate", "1");

    assertThat(same.exitCode()).as(same.err()).isZero();
    assertThat(other.exitCode()).as(other.err()).isEqualTo(2);
    assertThat(endpoint.statistics().received()).isEqualTo(10);
  }

  @Test
  void linesThatStateAFormOfTheirOwnAreInvalidUnlessAnswersAreOnlyChecked() throws IOException {
    Path input = directory.resolve("own.jsonl");
    Files.writeString(
        input,
        Requests.line(0, "x")
            .replace("\"max_tokens\":40", "\"response_format\":{\"type\":\"json_object\"}"));
    LocalRun job = LocalRun.of(input, directory.resolve("out"), endpoint);

    CommandLineRun refused = job.with("--answer-schema", COLUMNS);
    CommandLineRun checked =
        LocalRun.of(input, directory.resolve("checked"), endpoint)
            .with(
                "--answer-schema",
                COLUMNS,
                "--answer-schema-mode",
                "check",
                "--max-failure-rate",
                "1");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("\"response_format\"")
        .contains("--answer-schema-mode check");
    assertThat(checked.exitCode()).as(checked.err()).isEqualTo(3);
    assertThat(LocalRun.rows(directory.resolve("checked/errors")).get(0).at("/error/code").asText())
        .isEqualTo("schema_mismatch");
  }

  @Test
  void whatIsNoSchemaIsSaidBeforeAnythingIsSent() throws IOException {
    LocalRun job = job(1, "");

    CommandLineRun broken = job.with("--answer-schema", "{\"type\":\"objekt\"}");
    CommandLineRun columns = job.with("--answer-schema", "name STRINK");
    CommandLineRun nothing = job.with("--answer-schema", "nowhere.json");
    CommandLineRun without = job.with("--repair-attempts", "2");

    assertThat(
            List.of(broken.exitCode(), columns.exitCode(), nothing.exitCode(), without.exitCode()))
        .containsOnly(2);
    assertThat(broken.err())
        .contains("The answer schema (--answer-schema) is not valid JSON Schema: /type");
    assertThat(columns.err()).contains("Spark does not read it as columns either");
    assertThat(nothing.err()).contains("neither JSON Schema nor columns nor a file that exists");
    assertThat(without.err()).contains("no --answer-schema says what they are to fit");
    assertThat(endpoint.statistics().received()).isZero();
  }
}
