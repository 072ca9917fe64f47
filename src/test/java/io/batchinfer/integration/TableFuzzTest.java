package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.BatchInference;
import io.batchinfer.BatchResult;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.table.render.KeyText;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generated tables go the whole way to an endpoint that gives back what it was asked: every key and
 * value is what it was, and the answers are the same by SQL, in Java and in the parts.
 *
 * <pre>{@code
 * scripts/test TableFuzzTest -Dbatchinfer.table.rows=100000 -Dbatchinfer.table.tables=40
 * }</pre>
 */
class TableFuzzTest extends SharedSpark {
  private static final int ROWS = Integer.getInteger("batchinfer.table.rows", 1_000);
  private static final int TABLES = Integer.getInteger("batchinfer.table.tables", 4);
  private static final long SEED = Long.getLong("batchinfer.table.seed", new Random().nextLong());
  private static final List<String> ZONES =
      List.of(
          "UTC",
          "Asia/Kathmandu",
          "America/St_Johns",
          "Pacific/Apia",
          "Africa/Monrovia",
          "Europe/Amsterdam",
          "-03:30");

  @TempDir Path directory;

  /** What the endpoint or the program is to say of a row. */
  private record Outcome(String status, @Nullable String answer, @Nullable String code) {}

  @Test
  void everyKeyAndValueComesBackAsItWas() throws IOException {
    System.out.printf("TableFuzzTest: seed %d, %d rows in %d tables%n", SEED, ROWS, TABLES);
    for (int i = 0; i < TABLES; i++) {
      try (SimulatedEndpoint endpoint =
          SimulatedEndpoint.start(SimulatorSettings.builder().echo(true).build())) {
        SparkSession session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
        String zone = ZONES.get(i % ZONES.size());
        Random random = new Random(SEED + i);
        roundTrip(GeneratedTable.of(session, zone, random, ROWS / TABLES), i, endpoint);
      }
    }
  }

  private void roundTrip(GeneratedTable given, int number, SimulatedEndpoint endpoint)
      throws IOException {
    String what = "seed %d, table %d, %s".formatted(SEED, number, given.columns());
    Path output = directory.resolve("out-" + number);
    BatchInference job =
        BatchInference.on(given.table())
            .key(given.keys().stream().map(StructField::name).toArray(String[]::new))
            .prompt(given.prompt().template())
            .model("m")
            .option("base-url", endpoint.baseUrl().toString())
            .option("concurrency", 64)
            .option("max-failure-rate", "1")
            .output(output.toString());

    BatchResult result = job.run();

    Map<List<@Nullable Object>, Row> byKey = new HashMap<>();
    Map<String, Integer> nameless = new HashMap<>();
    int sendable = 0;
    for (Row row : given.rows()) {
      String fault = GeneratedTable.keyFault(row, given.keys());
      if (fault != null) {
        nameless.merge(fault, 1, Integer::sum);
      } else {
        byKey.put(GeneratedTable.key(row, given.keys()), row);
        sendable += GeneratedTable.promptFault(row, given.prompt()) == null ? 1 : 0;
      }
    }
    assertThat(endpoint.statistics().received()).as(what).isEqualTo(sendable);
    List<Row> inJava = result.answers().collectAsList();
    assertThat(inJava).as(what).hasSize(given.rows().size());
    for (Row answer : inJava) {
      if (isNameless(answer, given.keys())) {
        nameless.merge(code(answer), -1, Integer::sum);
        continue;
      }
      Row row = byKey.remove(GeneratedTable.key(answer, given.keys()));
      assertThat(row).as("%s: a row of the answer %s", what, answer).isNotNull();
      check(what, given, Objects.requireNonNull(row), answer);
    }
    assertThat(byKey).as(what).isEmpty();
    assertThat(nameless.values()).as("%s: %s", what, nameless).allMatch(left -> left == 0);
    assertThat(bySql(given.session(), output)).as(what).isEqualTo(inJava);
    assertThat(outcomes(inJava, given.keys())).as(what).isEqualTo(inParts(output, given.keys()));

    job.run();
    assertThat(endpoint.statistics().received()).as("%s: once more", what).isEqualTo(sendable);
  }

  private static void check(String what, GeneratedTable given, Row row, Row answer)
      throws IOException {
    String fault = GeneratedTable.promptFault(row, given.prompt());
    Outcome outcome = outcome(answer);
    if (fault != null) {
      assertThat(outcome).as(what).isEqualTo(new Outcome("failed", null, fault));
      return;
    }
    assertThat(outcome.status()).as("%s: %s", what, answer).isEqualTo("succeeded");
    String asked = Objects.requireNonNull(outcome.answer());
    Row texts = GeneratedTable.texts(row, given.columns());
    assertThat(given.prompt().fault(asked, texts))
        .as("%s: \"%s\" of %s", what, asked, texts)
        .isEmpty();
    assertThat(
            LocalRun.JSON
                .readTree(answer.<String>getAs("response"))
                .at("/choices/0/message/content")
                .textValue())
        .isEqualTo(asked);
  }

  /** Errors of rows without a key have none either; no other row has only nulls. */
  private static boolean isNameless(Row answer, List<StructField> keys) {
    if (!"failed".equals(answer.getAs("status"))) {
      return false;
    }
    String message = answer.<Row>getAs("error").getAs("message");
    return keys.stream()
            .anyMatch(
                key ->
                    message.startsWith("The column \"" + key.name() + "\" holds")
                        || message.startsWith("The key \"" + key.name() + "\" is null"))
        && IntStream.range(0, keys.size()).allMatch(answer::isNullAt);
  }

  private static @Nullable String code(Row answer) {
    Row error = answer.getAs("error");
    return error == null ? null : error.getAs("code");
  }

  private static Outcome outcome(Row answer) {
    return new Outcome(answer.getAs("status"), answer.getAs("answer"), code(answer));
  }

  private static List<Row> bySql(SparkSession session, Path output) {
    session.sql(
        "CREATE OR REPLACE TEMPORARY VIEW answers USING batchinfer OPTIONS (path '%s')"
            .formatted(output));
    return session.sql("SELECT * FROM answers").collectAsList();
  }

  /** How often each key has which outcome: of those without a key there may be several. */
  private static Map<List<@Nullable Object>, Integer> outcomes(
      List<Row> answers, List<StructField> keys) {
    Map<List<@Nullable Object>, Integer> outcomes = new HashMap<>();
    for (Row answer : answers) {
      List<@Nullable Object> key = new ArrayList<>();
      for (int i = 0; i < keys.size(); i++) {
        key.add(GeneratedColumn.comparable(answer.get(i)));
      }
      key.add(outcome(answer));
      outcomes.merge(key, 1, Integer::sum);
    }
    return outcomes;
  }

  private static Map<List<@Nullable Object>, Integer> inParts(Path output, List<StructField> keys) {
    KeyText text = KeyText.of(DataTypes.createStructType(keys));
    Map<List<@Nullable Object>, Integer> outcomes = new HashMap<>();
    for (String folder : List.of("results", "errors")) {
      boolean failed = folder.equals("errors");
      LocalRun.forEachRow(
          output.resolve(folder),
          row -> {
            List<@Nullable Object> key = new ArrayList<>();
            JsonNode id = row.path("custom_id");
            @Nullable Object[] values =
                id.isTextual() ? text.decode(id.textValue()) : new Object[keys.size()];
            for (Object value : values) {
              key.add(GeneratedColumn.comparable(value));
            }
            key.add(
                failed
                    ? new Outcome("failed", null, row.at("/error/code").textValue())
                    : new Outcome(
                        "succeeded",
                        row.at("/response/body/choices/0/message/content").textValue(),
                        null));
            outcomes.merge(key, 1, Integer::sum);
          });
    }
    return outcomes;
  }
}
