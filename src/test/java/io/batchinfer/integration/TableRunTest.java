package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.BatchInference;
import io.batchinfer.BatchInferenceException;
import io.batchinfer.BatchResult;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table whose rows are answered, and what the same call does the next time. */
class TableRunTest extends SharedSpark {
  private static final int ROWS = 300;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private SparkSession session;

  @BeforeEach
  void prepare() {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private Dataset<Row> table(int rows) {
    return session.range(0, rows, 1, 3).selectExpr("id", "concat('text ', id) as text");
  }

  private BatchInference on(Dataset<Row> table) {
    return BatchInference.on(table)
        .key("id")
        .prompt("Say {text}")
        .model("m")
        .option("base-url", endpoint.baseUrl().toString())
        .output(output().toString());
  }

  private Path output() {
    return directory.resolve("out");
  }

  private List<String> ids(String folder) {
    return LocalRun.rows(output().resolve(folder)).stream()
        .map(row -> row.path("custom_id").asText())
        .toList();
  }

  @Test
  void everyRowIsAnsweredUnderItsKey() {
    BatchResult result = on(table(ROWS)).run();

    assertThat(result.job().counts().succeeded()).isEqualTo(ROWS);
    assertThat(ids("results")).hasSize(ROWS).doesNotHaveDuplicates().contains("0", "299");
    assertThat(endpoint.statistics().ok()).isEqualTo(ROWS);
  }

  @Test
  void theSameTableInAnotherOrderIsPaidOnce() {
    on(table(ROWS)).run();

    BatchResult again = on(table(ROWS).orderBy(functions.desc("id"))).run();

    assertThat(again.job().counts().succeeded()).isEqualTo(ROWS);
    assertThat(endpoint.statistics().ok()).isEqualTo(ROWS);
  }

  @Test
  void aTableThatHasChangedIsRefusedAndSaysHow() {
    on(table(ROWS)).run();
    Dataset<Row> changed =
        session
            .range(5, ROWS + 2, 1, 2)
            .selectExpr("id", "if(id = 7, 'other', concat('text ', id)) as text");

    assertThatThrownBy(() -> on(changed).run())
        .isInstanceOf(BatchInferenceException.class)
        .hasMessageContaining("2 rows are new, 5 are gone and 1 asks something else")
        .hasMessageContaining("--resume-staged")
        .hasMessageContaining("--rerun");
    assertThat(endpoint.statistics().ok()).isEqualTo(ROWS);

    on(changed).option("resume-staged", true).run();
    assertThat(endpoint.statistics().ok()).isEqualTo(ROWS);

    on(changed).option("rerun", true).run();
    assertThat(ids("results")).hasSize(ROWS - 3).contains("301").doesNotContain("4");
    assertThat(endpoint.statistics().ok()).isEqualTo(ROWS + ROWS - 3);
    assertThat(stagedFolders()).hasSize(1);
  }

  private List<Path> stagedFolders() {
    try (Stream<Path> folders = Files.list(output().resolve("_plan/staged"))) {
      return folders.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rowsWithoutKeyAreNamedByWhatTheyAskAndTheirNumberAmongEquals() {
    Dataset<Row> table = session.range(0, 60, 1, 4).selectExpr("concat('text ', id % 7) as text");
    BatchInference first = without(table);
    first.run();
    List<String> ids = ids("results");

    assertThat(ids).hasSize(60).doesNotHaveDuplicates();
    assertThat(ids.stream().map(id -> id.substring(0, 32)).distinct()).hasSize(7);
    assertThat(ids.stream().filter(id -> id.endsWith("-8"))).hasSize(4);

    without(table.repartition(2)).run();
    assertThat(endpoint.statistics().ok()).isEqualTo(60);

    without(table.repartition(1)).output(directory.resolve("other").toString()).run();
    List<String> others =
        LocalRun.rows(directory.resolve("other/results")).stream()
            .map(row -> row.path("custom_id").asText())
            .toList();
    assertThat(new TreeSet<>(others)).isEqualTo(new TreeSet<>(ids));
  }

  @Test
  void equalRowsWithoutKeyThatCameOrWentAreCounted() {
    Dataset<Row> table = session.range(0, 60, 1, 4).selectExpr("concat('text ', id % 3) as text");
    without(table).run();

    assertThatThrownBy(
            () ->
                without(
                        session
                            .range(0, 63, 1, 2)
                            .selectExpr("if(id > 55, 'other', concat('text ', id % 3)) as text"))
                    .run())
        .hasMessageContaining("7 rows are new, 4 are gone and 0 ask something else");
    assertThat(endpoint.statistics().ok()).isEqualTo(60);
  }

  private BatchInference without(Dataset<Row> table) {
    return BatchInference.on(table)
        .prompt("Say {text}")
        .model("m")
        .option("base-url", endpoint.baseUrl().toString())
        .output(output().toString());
  }

  @Test
  void aRowThatGivesNoRequestIsAnErrorRowOfItsKey() {
    Dataset<Row> table =
        session.range(10).selectExpr("id", "if(id = 3, null, concat('text ', id)) as text");

    BatchResult result = on(table).option("max-failure-rate", "1").run();

    assertThat(result.job().counts().failed()).isEqualTo(1);
    JsonNode error = LocalRun.rows(output().resolve("errors")).get(0);
    assertThat(error.path("custom_id").asText()).isEqualTo("3");
    assertThat(error.at("/error/code").asText()).isEqualTo("missing_value");
    assertThat(error.at("/error/message").asText()).contains("text");
  }

  @Test
  void aTableIsReadOnceForWhatIsSent() {
    on(random()).run();

    assertThatThrownBy(() -> on(random()).run()).hasMessageContaining("50 ask something else");
    assertThat(ids("results")).hasSize(50);
  }

  private Dataset<Row> random() {
    return session.range(0, 50, 1, 2).selectExpr("id", "cast(rand() as string) text");
  }

  @Test
  void aTableThatCannotBeReadSaysWhatSparkSays() {
    Dataset<Row> table = session.range(10).selectExpr("id", "cast(1 / (id - 5) as string) text");

    assertThatThrownBy(() -> on(table).run())
        .isInstanceOf(BatchInferenceException.class)
        .hasMessageContaining("DIVIDE_BY_ZERO")
        .hasMessageNotContaining("\tat ");
    assertThat(endpoint.statistics().ok()).isZero();
    assertThat(output().resolve("job.json")).doesNotExist();
    assertThat(stagedFolders()).isEmpty();
  }

  private static final CountDownLatch READING = new CountDownLatch(1);
  private static final CountDownLatch ENOUGH = new CountDownLatch(1);

  /** Spark copies functions, so they meet in statics. */
  private static long untilReleased(long id) throws InterruptedException {
    READING.countDown();
    ENOUGH.await();
    return id;
  }

  @Test
  void aRunThatIsStoppedWhileItReadsTheTableSaysThat() throws Exception {
    session.udf().register("slow", (Long id) -> untilReleased(id), DataTypes.LongType);
    BatchInference run = on(session.sql("SELECT slow(id) AS id, 'x' AS text FROM range(1)"));

    CompletableFuture<BatchResult> running =
        CompletableFuture.supplyAsync(run::run, task -> new Thread(task, "run").start());
    READING.await();
    run.stop();

    assertThatThrownBy(running::join)
        .cause()
        .isInstanceOf(BatchInferenceException.class)
        .hasMessageContaining("cancelled; nothing was sent")
        .hasMessageNotContaining("cannot be read")
        .extracting(e -> ((BatchInferenceException) e).exitCode())
        .isEqualTo(130);
    ENOUGH.countDown();
    assertThat(endpoint.statistics().received()).isZero();
    assertThat(output().resolve("job.json")).doesNotExist();
  }

  @Test
  void anEmptyTableIsRefused() {
    assertThatThrownBy(() -> on(table(0)).run()).hasMessageContaining("The table is empty");
  }

  @Test
  void previewSendsNothing() {
    assertThat(on(table(ROWS)).preview(2))
        .hasSize(2)
        .first()
        .asString()
        .contains("\"custom_id\":\"0\"", "Say text 0");
    assertThat(endpoint.statistics().ok()).isZero();
    assertThat(output()).doesNotExist();
  }

  @Test
  void aTableOfFilesIsAnsweredFromTheCommandLine() {
    table(ROWS).write().parquet(directory.resolve("in").toString());

    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--input",
            directory.resolve("in").toString(),
            "--input-format",
            "parquet",
            "--key",
            "id",
            "--prompt",
            "Say {text}",
            "--model",
            "m",
            "--base-url",
            endpoint.baseUrl().toString(),
            "--output",
            output().toString());

    assertThat(run.exitCode()).as("%s", run).isZero();
    assertThat(ids("results")).hasSize(ROWS);
  }

  /** What the model is to answer with. */
  public record Verdict(String label, int score) {}

  @Test
  void answersThatFitARecordComeBackAsAStruct() {
    Dataset<Row> answers =
        on(table(30)).answerSchema(Verdict.class).option("max-failure-rate", "1").run().answers();

    StructType parsed = (StructType) answers.schema().apply("parsed").dataType();
    assertThat(parsed.fieldNames()).containsExactly("label", "score");
    assertThat(parsed.apply("score").dataType()).isEqualTo(DataTypes.LongType);
    assertThat(answers.where("parsed.label is not null").count()).isEqualTo(30);
  }

  private DataFrameWriter<Row> writer(Dataset<Row> table) {
    return table
        .write()
        .format("batchinfer")
        .option("key", "id")
        .option("prompt", "Say {text}")
        .option("model", "m")
        .option("base_url", endpoint.baseUrl().toString());
  }

  @Test
  void writingIsARunAndReadingGivesItsAnswers() {
    writer(table(ROWS)).save(output().toString());

    Dataset<Row> answers = session.read().format("batchinfer").load(output().toString());
    assertThat(answers.schema().apply("id").dataType()).isEqualTo(DataTypes.LongType);
    assertThat(table(ROWS).join(answers, "id").where("status = 'succeeded'").count())
        .isEqualTo(ROWS);
  }

  @Test
  void columnsOfAKeyStandInOneOptionAndANameWithACommaIsOneColumn() {
    Dataset<Row> table = session.range(4).selectExpr("id", "id * 2 as `a,b`", "'x' as text");

    writer(table).option("key", "id, text").save(output().toString());
    writer(table).option("key", "a,b").save(directory.resolve("other").toString());

    assertThat(ids("results")).contains("[\"3\",\"x\"]");
    assertThat(
            session
                .read()
                .format("batchinfer")
                .load(directory.resolve("other").toString())
                .schema()
                .fieldNames())
        .contains("a,b");
  }

  @Test
  void saveModesGoOnBeginAnewOrDoNothing() {
    writer(table(ROWS)).save(output().toString());
    writer(table(ROWS)).mode(SaveMode.Append).save(output().toString());
    writer(table(ROWS + 1)).mode(SaveMode.Ignore).save(output().toString());
    assertThat(endpoint.statistics().ok()).isEqualTo(ROWS);

    writer(table(ROWS)).mode(SaveMode.Overwrite).save(output().toString());
    assertThat(endpoint.statistics().ok()).isEqualTo(2 * ROWS);
  }

  @Test
  void anOptionThatDoesNotExistIsToldWithTheOneThatIsMeant() {
    assertThatThrownBy(() -> writer(table(3)).option("promt", "x").save(output().toString()))
        .hasMessageContaining("promt")
        .hasMessageContaining("prompt");
    assertThat(output()).doesNotExist();
  }

  @Test
  void anOptionOfAnotherCommandIsNoneOfARun() {
    assertThatThrownBy(() -> writer(table(3)).option("port", "80").save(output().toString()))
        .hasMessageContaining("port");
    assertThat(output()).doesNotExist();
  }

  @Test
  void secretsAreNoOptions() {
    assertThatThrownBy(
            () -> writer(table(3)).option("header", "X-Key: abc123").save(output().toString()))
        .isInstanceOf(BatchInferenceException.class)
        .hasMessageContaining("BATCHINFER_HEADER")
        .hasMessageNotContaining("abc123");
  }
}
