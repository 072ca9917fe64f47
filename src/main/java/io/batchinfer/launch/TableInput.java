package io.batchinfer.launch;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.OnInvalid;
import io.batchinfer.config.Option;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.TableOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The table that options name, as Spark reads it. */
final class TableInput {
  /** Input format of a table that is not read from files. */
  private static final String TABLE = "table";

  private static final List<Option<?>> OF_TABLES =
      List.of(
          TableOptions.KEY,
          TableOptions.PROMPT,
          TableOptions.SYSTEM,
          TableOptions.MESSAGES,
          TableOptions.BODY,
          TableOptions.INPUT_COLUMN,
          TableOptions.IMAGE,
          InputOutputOptions.INPUT_OPTION,
          RepeatOptions.RESUME_STAGED);

  private TableInput() {}

  static boolean isTable(ResolvedOptions options) {
    return !options.get(InputOutputOptions.INPUT_FORMAT).equals(InputOutputOptions.JSONL);
  }

  /**
   * The options of a job with what follows from where its requests come from: rows of a table that
   * give no request become errors of their own unless they are to stop the job.
   *
   * @param programs whether a program gave the table
   * @throws BatchException {@link ErrorCode#USAGE} where the input is named twice or not at all
   */
  static ResolvedOptions formed(ResolvedOptions given, boolean programs) {
    List<String> named = new ArrayList<>();
    if (programs) {
      named.add("a DataFrame");
    }
    for (Option<?> option :
        List.<Option<?>>of(
            InputOutputOptions.INPUT,
            InputOutputOptions.INPUT_TABLE,
            InputOutputOptions.INPUT_SQL)) {
      if (given.find(option).filter(value -> !value.equals(List.of())).isPresent()) {
        named.add(option.flag());
      }
    }
    if (named.size() > 1) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The input is named more than once, by %s; give one of them."
              .formatted(String.join(" and ", named)));
    }
    if (named.isEmpty()) {
      given.require(InputOutputOptions.INPUT);
    }
    boolean files = named.get(0).equals(InputOutputOptions.INPUT.flag());
    if (files && !isTable(given)) {
      refuseOptionsOfTables(given);
      return given;
    }
    if (!files
        && given.isGiven(InputOutputOptions.INPUT_FORMAT)
        && !given.get(InputOutputOptions.INPUT_FORMAT).equals(TABLE)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "%s is of files, but the input is %s; leave it out."
              .formatted(InputOutputOptions.INPUT_FORMAT.flag(), named.get(0)));
    }
    ResolvedOptions formed =
        files ? given : given.with(InputOutputOptions.INPUT_FORMAT, TABLE, named.get(0));
    return formed.isGiven(InputOutputOptions.ON_INVALID)
        ? formed
        : formed.with(InputOutputOptions.ON_INVALID, OnInvalid.RECORD, "default of tables");
  }

  private static void refuseOptionsOfTables(ResolvedOptions given) {
    List<String> useless =
        OF_TABLES.stream().filter(given::isGiven).map(option -> given.source(option)).toList();
    if (!useless.isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "%s: only tables have columns, and the input is JSONL, whose lines are requests already. Give %s parquet, or another format of tables, or leave it out."
              .formatted(String.join(", ", useless), InputOutputOptions.INPUT_FORMAT.flag()));
    }
  }

  /**
   * The session of the context. Where one is built by its interface, Spark looks for the class by
   * reflection of Scala, which takes a while; of a context it can be none but this.
   */
  private static SparkSession session(JavaSparkContext context) {
    return org.apache.spark.sql.classic.SparkSession.builder()
        .config(context.getConf())
        .getOrCreate();
  }

  /** Lets Spark find the table; reads none of its rows. */
  static Dataset<Row> read(JavaSparkContext context, ResolvedOptions options) {
    SparkSession session = session(context);
    try {
      Optional<String> table = options.find(InputOutputOptions.INPUT_TABLE);
      if (table.isPresent()) {
        return session.table(table.get());
      }
      Optional<String> sql = options.find(InputOutputOptions.INPUT_SQL);
      if (sql.isPresent()) {
        return session.sql(sql.get());
      }
      DataFrameReader reader = session.read().format(options.get(InputOutputOptions.INPUT_FORMAT));
      for (String option : options.get(InputOutputOptions.INPUT_OPTION)) {
        int equals = option.indexOf('=');
        if (equals < 1) {
          throw new BatchException(
              ErrorCode.USAGE,
              "%s \"%s\" is not NAME=VALUE; write header=true, for example."
                  .formatted(InputOutputOptions.INPUT_OPTION.flag(), option));
        }
        reader = reader.option(option.substring(0, equals), option.substring(equals + 1));
      }
      return reader.load(options.require(InputOutputOptions.INPUT).toArray(String[]::new));
    } catch (Exception e) {
      // Scala declares no checked exception, and throws them.
      if (e instanceof BatchException known) {
        throw known;
      }
      throw new BatchException(
          e instanceof AnalysisException ? ErrorCode.USAGE : ErrorCode.INVALID_INPUT,
          "The input cannot be read as a table. Spark says: %s"
              .formatted(String.valueOf(e.getMessage()).strip()),
          e);
    }
  }
}
