package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.docs.PythonTokens.Token;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The notebooks in Python call only what there is, and show what they give. PySpark cannot run
 * here; their calls are made on Spark's own classes.
 */
class PythonNotebooksTest extends SharedSpark {
  private static final Path ANSWERS = Path.of("notebooks/answers-to-a-table-python.ipynb");
  private static final Path EMBEDDINGS = Path.of("notebooks/embeddings-at-scale-python.ipynb");
  private static final Path DATABRICKS = Path.of("notebooks/answers-to-a-table-databricks.py");
  private static final Path DATABRICKS_JOB = Path.of("conf/databricks/answers.py");
  private static final String DATABRICKS_BEGIN = "# Databricks notebook source\n";
  private static final String MAGIC = "# MAGIC ";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path files;
  private SparkSession session;
  private PySpark pySpark;
  private PythonCalls python;

  @BeforeEach
  void prepare() {
    session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
    pySpark = new PySpark(files);
    python = new PythonCalls(pySpark);
  }

  /** Runs the notebook's cells, and gives it their outputs. */
  private String run(Path jupyter) throws IOException {
    ObjectNode notebook = (ObjectNode) JSON.readTree(jupyter.toFile());
    for (JsonNode cell : notebook.get("cells")) {
      if (cell.get("cell_type").asText().equals("code")) {
        python.run(source(cell));
        ((ObjectNode) cell).set("outputs", outputs(pySpark.shown()));
      }
    }
    return JSON.writer(asJupyterHasIt()).writeValueAsString(notebook) + "\n";
  }

  private static String source(JsonNode cell) {
    StringBuilder text = new StringBuilder();
    cell.get("source").forEach(line -> text.append(line.asText()));
    return text.toString();
  }

  private static ArrayNode outputs(String shown) {
    ArrayNode outputs = JSON.createArrayNode();
    if (!shown.isEmpty()) {
      ObjectNode stream = outputs.addObject().put("output_type", "stream").put("name", "stdout");
      ArrayNode lines = stream.putArray("text");
      shown.lines().forEach(line -> lines.add(line + "\n"));
    }
    return outputs;
  }

  private static DefaultPrettyPrinter asJupyterHasIt() {
    DefaultIndenter lines = new DefaultIndenter(" ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Spacing.AFTER)
                .withArrayEmptySeparator("")
                .withObjectEmptySeparator(""));
    printer.indentObjectsWith(lines);
    printer.indentArraysWith(lines);
    return printer;
  }

  /** The cells of the Databricks notebook; those that are not Python begin with a magic word. */
  private static List<String> databricksCells(Path notebook) throws IOException {
    return databricksCells(Files.readString(notebook));
  }

  private static List<String> databricksCells(String text) {
    assertThat(text).startsWith(DATABRICKS_BEGIN);
    return List.of(text.substring(DATABRICKS_BEGIN.length()).split("\n# COMMAND ----------\n"));
  }

  private void runMagic(String cell) {
    List<String> lines = cell.strip().lines().toList();
    assertThat(lines).allMatch(line -> (line + " ").startsWith(MAGIC));
    assertThat(lines.get(0)).isIn(MAGIC + "%md", MAGIC + "%sql");
    if (lines.get(0).endsWith("%sql")) {
      session
          .sql(
              lines.stream()
                  .skip(1)
                  .map(line -> line.substring(MAGIC.length()))
                  .collect(Collectors.joining("\n")))
          .collectAsList();
    }
  }

  static List<Path> jupyter() {
    return List.of(ANSWERS, EMBEDDINGS);
  }

  @ParameterizedTest
  @MethodSource("jupyter")
  void theNotebookShowsWhatItsCallsGive(Path notebook) throws IOException {
    CheckedIn.assertEqual(notebook, run(notebook));
  }

  @Test
  void theNotebookOfDatabricksRuns() throws IOException {
    python.define("spark", session);
    runCells(databricksCells(DATABRICKS));
    session.catalog().dropTempView("answers");

    String folder = files.resolve("BUCKET/batchinfer/tickets").toString();
    assertThat(session.read().format("batchinfer").load(folder).where("status = 'failed'").count())
        .isEqualTo(1);
  }

  private void runCells(List<String> cells) {
    for (String cell : cells) {
      if (cell.contains(MAGIC)) {
        runMagic(cell);
      } else {
        python.run(cell);
      }
    }
  }

  /** What Databricks gives a notebook beside Spark: the task's parameters. */
  public record Databricks(Widgets widgets) {}

  /** The parameters, by name. */
  public record Widgets(Map<String, String> values) {
    public String get(String name) {
      return Objects.requireNonNull(values.get(name), name);
    }
  }

  @Test
  void theNotebookOfTheBundleWritesATableOfAnswers() throws IOException {
    session
        .sql("SELECT id, 'Subject' AS subject, 'Text' AS text FROM range(3)")
        .createOrReplaceTempView("tickets_of_bundle");
    python.define("spark", session);
    python.define(
        "dbutils",
        new Databricks(
            new Widgets(
                Map.of(
                    "table", "tickets_of_bundle",
                    "folder", "s3://bucket/ticket-answers",
                    "answers", "ticket_answers",
                    "run_id", "17"))));
    String shipped = Files.readString(DATABRICKS_JOB);
    String simulated = shipped.replace("\"provider\": \"openai\"", "\"simulate\": True");
    assertThat(simulated).isNotEqualTo(shipped);

    try {
      runCells(databricksCells(simulated));

      assertThat(session.table("ticket_answers").where("status = 'succeeded'").count())
          .isEqualTo(3);
    } finally {
      session.catalog().dropTempView("tickets_of_bundle");
      session.sql("DROP TABLE IF EXISTS ticket_answers");
    }
  }

  @Test
  void theMethodsThatAreKnownAreThoseThatAreUsed() throws IOException {
    List<String> texts = new ArrayList<>(databricksCells(DATABRICKS));
    texts.addAll(databricksCells(DATABRICKS_JOB));
    for (Path notebook : jupyter()) {
      for (JsonNode cell : JSON.readTree(notebook.toFile()).get("cells")) {
        if (cell.get("cell_type").asText().equals("code")) {
          texts.add(source(cell));
        }
      }
    }
    Set<String> used = new TreeSet<>();
    for (String text : texts) {
      for (List<Token> statement : PythonTokens.statements(text)) {
        for (int i = 1; i + 1 < statement.size(); i++) {
          if (statement.get(i - 1).is(".") && statement.get(i + 1).is("(")) {
            used.add(statement.get(i).text());
          }
        }
      }
    }

    assertThat(used).isEqualTo(new TreeSet<>(PySpark.METHODS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          spark.emptyDataFrame()                           | emptyDataFrame is not known as a method of PySpark
          spark.read()                                     | read is not known as a method of PySpark
          spark.createDataFrame([(1,)], "id INT").show     | show is not a property in PySpark
          spark.createDataFrame([(1,)], "id INT").select("b") | select of [b]
          spark.read.format("batchinfer", 3)               | takes no format of [batchinfer, 3]
          spark.read.format("batchinfer").load(path="x")   | Index 0 out of bounds
          spark.read.format(name="batchinfer")             | takes no such keywords
          spark.createDataFrame([(1,)], "id INT").write.format("batchinfer").option("promt", "x").save("x") | save of
          nothing.show()                                   | the name is not defined: nothing
          x = (1                                           | unexpected end of the statement
          if True: x                                       | the name is not defined: if
          x = 'single'                                     | not known
          from pyspark.sql import Nothing                  | no such import
          """)
  void whatIsNotThereFails(String wrong, String says) {
    python.define("spark", session);

    assertThatThrownBy(() -> python.run(wrong)).hasMessageContaining(says);
  }
}
