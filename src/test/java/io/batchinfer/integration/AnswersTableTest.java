package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.batchinfer.BatchInferenceException;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.TableNote;
import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job's output folder as a table of Spark. */
class AnswersTableTest extends SharedSpark {
  private static final int ROWS = 600;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;

  @BeforeEach
  void startEndpoint() {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
  }

  @AfterEach
  void stopEndpoint() {
    endpoint.close();
  }

  private SparkSession session() {
    return SparkSession.active();
  }

  private Dataset<Row> answers() {
    return session().read().format("batchinfer").load(output().toString());
  }

  private Path output() {
    return directory.resolve("out");
  }

  private LocalRun run(String lines) throws IOException {
    Path input = Files.writeString(directory.resolve("in.jsonl"), lines);
    return LocalRun.of(input, output(), endpoint);
  }

  /** Every seventh row is refused; a blank line stands between. */
  private static String lines(int rows) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      lines.append(Requests.line(i, i % 7 == 0 ? "[[fault:http_400]]" : "hello"));
      lines.append(i % 50 == 0 ? "\n" : "");
    }
    return lines.toString();
  }

  private static long refused(int rows) {
    return (rows + 6L) / 7;
  }

  @Test
  void aFinishedJobHasEveryRowOnceInItsOrder() throws IOException {
    LocalRun run = run(lines(ROWS));
    run.with("--split-bytes", "16kB", "--max-failure-rate", "0.5");

    List<Row> rows = answers().collectAsList();

    assertThat(answers().columns())
        .containsExactly(
            "custom_id",
            "status",
            "answer",
            "embedding",
            "finish_reason",
            "usage",
            "cost",
            "attempts",
            "may_have_run",
            "error",
            "response",
            "file",
            "line");
    assertThat(answers().javaRDD().getNumPartitions()).isGreaterThan(3);
    assertThat(rows)
        .extracting(row -> row.<String>getAs("custom_id"))
        .containsExactlyElementsOf(Requests.ids(ROWS));
    Row failed = rows.get(7);
    assertThat(failed.<String>getAs("status")).isEqualTo("failed");
    assertThat(failed.<String>getAs("answer")).isNull();
    assertThat(failed.<Row>getAs("error").<String>getAs("code")).isNotEmpty();
    assertThat(failed.<Row>getAs("error").<String>getAs("message")).isNotEmpty();
    Row succeeded = rows.get(1);
    assertThat(succeeded.<String>getAs("status")).isEqualTo("succeeded");
    assertThat(succeeded.<String>getAs("answer")).isNotEmpty();
    assertThat(succeeded.<String>getAs("finish_reason")).isNotEmpty();
    assertThat(succeeded.<Row>getAs("usage").<Long>getAs("completion_tokens")).isPositive();
    assertThat(succeeded.<Row>getAs("error")).isNull();
    assertThat(succeeded.<String>getAs("file")).endsWith("in.jsonl");
    assertThat(succeeded.<Long>getAs("line")).isEqualTo(3);
    assertThat(LocalRun.JSON.readTree(succeeded.<String>getAs("response")))
        .isEqualTo(LocalRun.rows(run.results()).get(0).at("/response/body"));
  }

  @Test
  void filtersAndCountsAgreeWithTheJob() throws IOException {
    run(lines(ROWS)).with("--split-bytes", "16kB", "--max-failure-rate", "0.5");
    answers().createOrReplaceTempView("answers");

    assertThat(answers().count()).isEqualTo(ROWS);
    for (String filter :
        List.of(
            "status = 'failed'",
            "status <> 'succeeded'",
            "status IN ('failed', 'open')",
            "NOT status <=> 'succeeded'",
            "status LIKE 'fail%' AND custom_id IS NOT NULL",
            "error IS NOT NULL",
            "status = 'failed' OR error.code = 'x'")) {
      assertThat(answers().where(filter).count()).as(filter).isEqualTo(refused(ROWS));
    }
    assertThat(answers().where("status = 'open'").count()).isZero();
    assertThat(answers().where("status = 'open'").javaRDD().getNumPartitions()).isEqualTo(1);
    assertThat(answers().where("status = 'failed'").queryExecution().executedPlan().toString())
        .contains("*EqualTo(status,failed)");
    assertThat(
            session()
                .sql("SELECT status, count(*) n FROM answers GROUP BY status ORDER BY status")
                .collectAsList())
        .extracting(Row::toString)
        .containsExactly(
            "[failed," + refused(ROWS) + "]", "[succeeded," + (ROWS - refused(ROWS)) + "]");
  }

  @Test
  void whatWasSpentOnRowsAddsUpToTheJob() throws IOException {
    endpoint.close();
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().fault(Fault.HTTP_500, 0.1).seed(3).build());
    LocalRun run = run(lines(200).replace("\"m\"", "\"gpt-5-mini\""));
    run.with("--split-bytes", "8kB", "--concurrency", "4", "--max-total-tokens", "3000");
    spentAsTheJobSays(run);
    assertThat(answers().where("status = 'open'").count()).isPositive();

    run.with("--split-bytes", "8kB", "--max-failure-rate", "0.9");
    spentAsTheJobSays(run);
    assertThat(answers().where("attempts > 1").count()).isPositive();

    run.with("--split-bytes", "8kB", "--max-failure-rate", "0.9", "--retry-failed");
    spentAsTheJobSays(run);
    assertThat(answers().where("status = 'failed' AND attempts < 2").count()).isZero();
    assertThat(answers().count()).isEqualTo(200);
  }

  private void spentAsTheJobSays(LocalRun run) {
    Row sums =
        answers()
            .selectExpr(
                "sum(attempts) AS attempts",
                "sum(may_have_run) AS may_have_run",
                "sum(usage.prompt_tokens) AS prompt_tokens",
                "sum(usage.completion_tokens) AS completion_tokens",
                "sum(cost) AS cost")
            .head();
    for (String total : List.of("attempts", "may_have_run", "prompt_tokens", "completion_tokens")) {
      assertThat(sums.<Long>getAs(total)).as(total).isEqualTo(run.record().path(total).asLong());
    }
    assertThat(sums.<Double>getAs("cost"))
        .isPositive()
        .isCloseTo(run.record().path("cost").asDouble(), within(1e-9));
  }

  @Test
  void countsDoNotOpenTheParts() throws IOException {
    LocalRun run = run(lines(50));
    run.with("--max-failure-rate", "0.5");
    for (Path parts : List.of(run.results(), run.errors())) {
      Files.delete(parts.resolve("part-00000.jsonl"));
      Files.createDirectory(parts.resolve("part-00000.jsonl"));
    }

    assertThat(answers().count()).isEqualTo(50);
    assertThat(answers().where("status = 'failed'").count()).isEqualTo(refused(50));
  }

  @Test
  void aViewIsMadeInSql() throws IOException {
    run(lines(20)).with("--max-failure-rate", "0.5");

    session()
        .sql(
            "CREATE OR REPLACE TEMPORARY VIEW seen USING batchinfer OPTIONS (path '"
                + output()
                + "')");

    assertThat(session().sql("SELECT answer FROM seen WHERE status = 'succeeded'").count())
        .isEqualTo(20 - refused(20));
  }

  @Test
  void anUnfinishedJobShowsWhatIsPublishedJournalledAndOpen() throws IOException {
    endpoint.close();
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    LocalRun run = run(lines(ROWS));
    // The cap ends the run in the middle.
    CommandLineRun stopped =
        run.with("--split-bytes", "16kB", "--concurrency", "4", "--max-total-tokens", "9000");
    assertThat(stopped.exitCode()).isEqualTo(6);
    Map<String, Long> counts = countsByStatus();

    assertThat(counts.get("open")).isPositive();
    assertThat(counts.get("succeeded")).isEqualTo(run.record().path("succeeded_requests").asLong());
    assertThat(counts.getOrDefault("failed", 0L))
        .isEqualTo(run.record().path("failed_requests").asLong());
    assertThat(counts.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(ROWS);
    assertThat(answers().count()).isEqualTo(ROWS);
    List<Row> rows = answers().collectAsList();
    assertThat(rows)
        .extracting(row -> row.<String>getAs("custom_id"))
        .containsExactlyElementsOf(Requests.ids(ROWS));
    assertThat(rows.stream().filter(row -> row.<String>getAs("status").equals("succeeded")))
        .hasSize(counts.get("succeeded").intValue())
        .allMatch(row -> row.getAs("answer") != null);
    assertThat(rows.stream().filter(row -> row.<String>getAs("status").equals("open")))
        .hasSize(counts.get("open").intValue())
        .allMatch(row -> row.getAs("response") == null && row.getAs("error") == null);

    // What only the journal has is there, and reading took nothing away.
    assertThat(run.with("--split-bytes", "16kB", "--max-failure-rate", "0.5").exitCode()).isZero();
    assertThat(answers().where("status = 'open'").count()).isZero();
    assertThat(answers().count()).isEqualTo(ROWS);
  }

  private Map<String, Long> countsByStatus() {
    Map<String, Long> counts = new HashMap<>();
    answers()
        .groupBy("status")
        .count()
        .collectAsList()
        .forEach(row -> counts.put(row.getString(0), row.getLong(1)));
    return counts;
  }

  @Test
  void vectorsAreArraysOfFloats() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      String encoding = i % 2 == 0 ? "float" : "base64";
      lines.append(
          """
          {"custom_id":"e%d","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":"same text","encoding_format":"%s"}}
          """
              .formatted(i, encoding));
    }
    run(lines.toString()).with();

    List<Row> rows = answers().orderBy("custom_id").collectAsList();

    assertThat(answers().schema().apply("embedding").dataType())
        .isEqualTo(DataTypes.createArrayType(DataTypes.FloatType, true));
    List<Float> first = rows.get(0).getList(rows.get(0).fieldIndex("embedding"));
    assertThat(first).hasSizeGreaterThan(10);
    for (Row row : rows) {
      assertThat(row.<Float>getList(row.fieldIndex("embedding"))).isEqualTo(first);
      assertThat(row.<String>getAs("answer")).isNull();
    }
  }

  @Test
  void keysHaveTheirTypesAndAnswersTheirSchema() throws IOException {
    String lines =
        """
        {"custom_id":"[\\"7\\",\\"2026-11-28\\"]","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"t","schema":{"type":"object","properties":{"label":{"type":"string","enum":["a"]},"stars":{"type":"integer","minimum":3,"maximum":3}},"required":["label","stars"],"additionalProperties":false}}}}}
        """;
    run(lines)
        .with(
            "--answer-schema-mode",
            "check",
            "--answer-schema",
            "{\"type\":\"object\",\"properties\":{\"label\":{\"type\":\"string\"},\"stars\":{\"type\":\"integer\"},\"why\":{\"type\":\"string\"}}}");
    FileStores stores = new FileStores(jsc()::hadoopConfiguration);
    new JobFolder(stores, stores.qualify(output().toString()))
        .writeTable(
            new TableNote(
                1,
                "0".repeat(32),
                List.of(
                    new TableNote.Key("id", DataTypes.LongType.json()),
                    new TableNote.Key("day", DataTypes.DateType.json())),
                List.of()));

    Dataset<Row> answers = answers();
    Row row = answers.head();

    assertThat(answers.columns())
        .startsWith("id", "day", "status", "answer", "parsed", "embedding");
    assertThat(answers.columns()).doesNotContain("file", "line", "custom_id");
    assertThat(row.<Long>getAs("id")).isEqualTo(7L);
    assertThat(row.<Object>getAs("day").toString())
        .isEqualTo(LocalDate.of(2026, 11, 28).toString());
    assertThat(row.<Row>getAs("parsed").toString()).isEqualTo("[a,3,null]");
    assertThat(answers.where("id = 7 AND parsed.stars > 2").count()).isEqualTo(1);
  }

  @Test
  void whatIsNoJobIsSaidInPlainWords() throws IOException {
    assertThatThrownBy(() -> session().read().format("batchinfer").load())
        .isInstanceOf(BatchInferenceException.class)
        .hasMessageContaining("No folder is named");
    assertThatThrownBy(this::answers)
        .isInstanceOf(BatchInferenceException.class)
        .hasMessageContaining("There is no folder");
    Files.createDirectories(output());
    assertThatThrownBy(this::answers).hasMessageContaining("it holds no job.json");
    run(lines(3)).with("--max-failure-rate", "0.9");
    Path plan = output().resolve("_plan/plan.json");
    String text = Files.readString(plan);
    Files.writeString(plan, text.replace("\"version\":1", "\"version\":2"));
    assertThatThrownBy(this::answers).hasMessageContaining("version 2");
    Files.delete(plan);
    assertThatThrownBy(this::answers).hasMessageContaining("has no plan yet");
    Files.writeString(output().resolve("job.json"), "{");
    assertThatThrownBy(this::answers).hasMessageContaining("job.json");
  }

  @Test
  void aPartThatIsGoneIsMissed() throws IOException {
    LocalRun run = run(lines(20));
    run.with("--max-failure-rate", "0.5");
    Files.delete(run.errors().resolve("part-00000.jsonl"));

    assertThatThrownBy(() -> answers().collectAsList()).hasMessageContaining("-3 errors");
  }

  @Test
  void resultsWritesTheTable() throws IOException {
    run(lines(40)).with("--max-failure-rate", "0.5");
    for (String format : List.of("parquet", "orc", "json", "csv")) {
      Path to = directory.resolve(format);
      CommandLineRun written = results("--format", format, "--to", to.toString());
      assertThat(written.exitCode()).as(written.err()).isZero();
      assertThat(written.err()).contains("Wrote 40 rows");

      Dataset<Row> table =
          session()
              .read()
              .format(format)
              .option("header", "true")
              .option("escape", "\"")
              .option("multiLine", format.equals("csv"))
              .load(to.toString());
      assertThat(table.columns()).as(format).containsExactlyInAnyOrder(answers().columns());
      assertThat(table.where("status = 'failed'").count()).isEqualTo(refused(40));
      assertThat(texts(table)).as(format).isEqualTo(texts(answers()));
    }
    String csvUsage =
        session()
            .read()
            .option("header", "true")
            .option("escape", "\"")
            .csv(directory.resolve("csv").toString())
            .where("status = 'succeeded'")
            .head()
            .getAs("usage");
    assertThat(LocalRun.JSON.readTree(csvUsage).path("completion_tokens").asInt()).isPositive();

    String parquet = directory.resolve("parquet").toString();
    CommandLineRun again = results("--format", "parquet", "--to", parquet);
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("is there already").contains("--overwrite");
    assertThat(results("--format", "parquet", "--to", parquet, "--overwrite").exitCode()).isZero();
    for (Path within : List.of(output(), output().resolve("answers"), directory)) {
      CommandLineRun refused = results("--format", "orc", "--to", within.toString(), "--overwrite");
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.err()).contains("holds the answers that were paid for");
    }
    assertThat(answers().count()).isEqualTo(40);
  }

  private static List<Row> texts(Dataset<Row> table) {
    return table.orderBy("custom_id").select("custom_id", "answer", "response").collectAsList();
  }

  private CommandLineRun results(String... flags) {
    List<String> words = new ArrayList<>(List.of("results", output().toString()));
    words.addAll(List.of(flags));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  @Test
  void resultsRefusesATableThatCannotBe() throws IOException {
    run(lines(5)).with("--max-failure-rate", "0.5");
    String to = directory.resolve("t").toString();

    assertThat(results("--format", "parquet").err()).contains("--to PATH or --to-table NAME");
    assertThat(results("--to", to).err()).contains("--format parquet");
    assertThat(results("--to", to, "--format", "parquet", "--errors").err()).contains("--errors");
    assertThat(results("--to", to, "--to-table", "x").err()).contains("give one of them");
    assertThat(results("--to", to, "--format", "no-such").err()).contains("no format \"no-such\"");
    assertThat(results("--to-table", "x").err()).contains("no catalogue that lasts");
    assertThat(results("--to", to, "--format", "par quet").exitCode()).isEqualTo(2);
    assertThat(Path.of(to)).doesNotExist();
  }

  @Test
  void aPartThatIsDamagedIsNotReadPast() throws IOException {
    LocalRun run = run(lines(20));
    run.with("--max-failure-rate", "0.5");
    Path part = run.results().resolve("part-00000.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(part));
    lines.set(3, lines.get(3).substring(0, lines.get(3).length() / 2));
    Files.write(part, lines);

    assertThatThrownBy(() -> answers().collectAsList()).hasMessageContaining("part-00000.jsonl");
  }
}
