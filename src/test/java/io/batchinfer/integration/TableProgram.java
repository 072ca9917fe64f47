package io.batchinfer.integration;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A user's program: it answers tables by the data source's name alone and prints what it sees. It
 * uses no class of the product and nothing of Spark that a client of Spark Connect lacks, so that
 * it runs on every Spark and on both sides, and must see the same everywhere.
 */
public final class TableProgram {
  /** Rows of its table; every {@link #REFUSED}th is refused at the first attempt. */
  static final int ROWS = 60;

  static final int REFUSED = 20;

  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private static final String SCHEMA =
      "label STRING NOT NULL, score INT NOT NULL, price DOUBLE NOT NULL,"
          + " sure BOOLEAN NOT NULL, tags ARRAY<STRING> NOT NULL,"
          + " place STRUCT<city: STRING, zip: BIGINT> NOT NULL";

  private final SparkSession session;
  private final String folder;
  private final String baseUrl;

  private TableProgram(SparkSession session, String folder, String baseUrl) {
    this.session = session;
    this.folder = folder;
    this.baseUrl = baseUrl;
  }

  /** Takes a folder to write into, the endpoint, and the server where Spark Connect is used. */
  public static void main(String[] arguments) {
    SparkSession.Builder builder = SparkSession.builder();
    SparkSession session =
        arguments.length > 2
            ? builder.remote(arguments[2]).getOrCreate()
            : builder.appName("table-program").getOrCreate();
    TableProgram program = new TableProgram(session, arguments[0], arguments[1]);
    tell("spark", session::version);
    program.chats();
    program.typedAnswers();
    program.vectors();
    program.sql();
    program.refusals();
    session.stop();
  }

  private Dataset<Row> tickets() {
    return session
        .range(0, ROWS, 1, 4)
        .selectExpr(
            "id",
            "date_add(date'2026-01-01', cast(id as int)) as day",
            "cast(id as decimal(12, 2)) / 4 as amount",
            "timestamp'2026-11-01 12:00:00' as at",
            "concat('text ', id, if(id %% %d = 0, ' [[fault:http_400*1]]', '')) as text"
                .formatted(REFUSED));
  }

  private DataFrameWriter<Row> run(Dataset<Row> table) {
    return table
        .write()
        .format("batchinfer")
        .option("key", "id,day,amount,at")
        .option("prompt", "Say {text}")
        .option("model", "m")
        .option("max_failure_rate", "1")
        .option("base_url", baseUrl);
  }

  private Dataset<Row> read(String name) {
    return session.read().format("batchinfer").load(at(name));
  }

  private String at(String name) {
    return folder + "/" + name;
  }

  private void chats() {
    run(tickets()).save(at("chats"));
    Dataset<Row> answers = read("chats");
    tell("columns", () -> answers.schema().toDDL());
    tell("succeeded", () -> answers.where("status = 'succeeded'").count());
    tell("failed", () -> answers.where("status = 'failed'").select("id", "error.code").count());
    tell("by status", () -> rows(answers.groupBy("status").count().orderBy("status")));
    tell("error", () -> rows(answers.where("error is not null").select("error.code").distinct()));
    tell(
        "pruned",
        () -> rows(answers.where("status = 'failed'").select("day", "amount").orderBy("day")));
    tell(
        "joined",
        () -> {
          Dataset<Row> tickets = tickets();
          return tickets
              .join(answers, "id")
              .where(tickets.col("at").equalTo(answers.col("at")))
              .where(tickets.col("amount").equalTo(answers.col("amount")))
              .count();
        });
    tell("usage", () -> rows(answers.selectExpr("sum(usage.prompt_tokens) > 0", "sum(attempts)")));
    run(tickets()).mode("append").save(at("chats"));
    tell("after the same call", () -> answers.where("status = 'succeeded'").count());
    run(tickets()).option("retry_failed", "true").mode("append").save(at("chats"));
    tell("after retry_failed", () -> answers.where("status = 'succeeded'").count());
    answers.write().parquet(at("chats.parquet"));
    tell(
        "parquet",
        () ->
            session
                .read()
                .parquet(at("chats.parquet"))
                .select("id", "answer")
                .except(answers.select("id", "answer"))
                .count());
  }

  private void typedAnswers() {
    run(tickets().where("id < 8")).option("answer_schema", SCHEMA).save(at("typed"));
    Dataset<Row> answers = read("typed");
    tell("parsed", () -> ((StructType) answers.schema().apply("parsed").dataType()).toDDL());
    tell(
        "parsed rows",
        () ->
            answers
                .where("status = 'succeeded'")
                .where("parsed.label is not null and parsed.score is not null")
                .where("parsed.price is not null and parsed.sure is not null")
                .where("size(parsed.tags) >= 0 and parsed.place is not null")
                .count());
    tell(
        "as the text",
        () ->
            answers
                .where("parsed.score = cast(get_json_object(answer, '$.score') as bigint)")
                .where("parsed.label = get_json_object(answer, '$.label')")
                .count());
  }

  private void vectors() {
    tickets()
        .write()
        .format("batchinfer")
        .option("key", "id")
        .option("endpoint", "/v1/embeddings")
        .option("input_column", "concat('about ', id)")
        .option("model", "m")
        .option("base_url", baseUrl)
        .save(at("vectors"));
    tell(
        "vectors",
        () ->
            rows(
                read("vectors")
                    .selectExpr(
                        "count(embedding)", "min(size(embedding)) = max(size(embedding))")));
    tell(
        "numbers",
        () -> read("vectors").where("exists(embedding, x -> x <> 0)").select("id").count());
  }

  private void sql() {
    tickets().createOrReplaceTempView("tickets");
    for (String ansi : List.of("true", "false")) {
      for (String adaptive : List.of("true", "false")) {
        session.sql("SET spark.sql.ansi.enabled=" + ansi).collectAsList();
        session.sql("SET spark.sql.adaptive.enabled=" + adaptive).collectAsList();
        tell("ansi %s, adaptive %s".formatted(ansi, adaptive), () -> created(ansi + adaptive));
      }
    }
    session.sql("SET spark.sql.ansi.enabled=true").collectAsList();
    session.sql("SET spark.sql.adaptive.enabled=true").collectAsList();
    session
        .sql(
            "CREATE TEMPORARY VIEW answered USING batchinfer OPTIONS (path '%s')"
                .formatted(at("chats")))
        .collectAsList();
    tell(
        "view",
        () ->
            rows(
                session.sql(
                    "SELECT count(*), count(DISTINCT id) FROM answered JOIN tickets USING (id)"
                        + " WHERE status IN ('succeeded', 'open') AND answered.day > '2026-01-11'")));
  }

  private List<String> created(String name) {
    session
        .sql(
            """
            CREATE TABLE made_%1$s USING batchinfer
            OPTIONS (path '%2$s', key 'id', prompt 'Say {text}', model 'm', base_url '%3$s')
            AS SELECT id, concat('sql ', id) AS text FROM tickets WHERE id < 10
            """
                .formatted(name, at("made-" + name), baseUrl))
        .collectAsList();
    return rows(
        session.sql(
            "SELECT count(*), sum(id), count(answer) FROM made_%s JOIN tickets USING (id) WHERE status = 'succeeded'"
                .formatted(name)));
  }

  private void refusals() {
    tell("misspelt", () -> save(run(tickets()).option("promt", "x"), "none"));
    tell("secret", () -> save(run(tickets()).option("header", "X-Key: abc123"), "none"));
    tell("no job", () -> read("none").count());
    tell("changed", () -> save(run(tickets().where("id > 0")).mode("append"), "chats"));
    tell(
        "all refused",
        () ->
            save(
                run(tickets().selectExpr("id", "day", "amount", "at", "'[[fault:http_400]]' text"))
                    .option("max_failure_rate", "0.1"),
                "refused"));
    tell("no column", () -> save(run(tickets().drop("text")), "none"));
  }

  private String save(DataFrameWriter<Row> writer, String name) {
    writer.save(at(name));
    return "saved";
  }

  private static List<String> rows(Dataset<Row> table) {
    return table.collectAsList().stream().map(Row::toString).toList();
  }

  /** What a step gives, or the words that it fails with. */
  private static void tell(String step, Callable<?> work) {
    String seen;
    try {
      seen = String.valueOf(work.call());
    } catch (Exception e) {
      seen = "refused: " + e.getMessage();
    }
    OUT.println(step + " = " + seen.replace("\n", " | "));
  }
}
