package io.batchinfer;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.TableOptions;
import io.batchinfer.job.RunListener;
import io.batchinfer.launch.AnswerSchemas;
import io.batchinfer.launch.BatchRun;
import io.batchinfer.launch.RunOptions;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.ReportingListener;
import io.batchinfer.report.Summary;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Gets answers from an endpoint for the rows of a table, or for the requests in files.
 *
 * <pre>{@code
 * Dataset<Row> answers =
 *     BatchInference.on(tickets)
 *         .key("id")
 *         .prompt("Classify: {subject}\n{text}")
 *         .option("base-url", "http://vllm:8000/v1")
 *         .model("mistral-small")
 *         .output("s3a://lake/triage")
 *         .run()
 *         .answers();
 * }</pre>
 *
 * <p>A run is eager: it calls the endpoint when {@link #run} is called, on the driver, and returns
 * when the job has ended. The job lives in its output folder; the same call goes on where an
 * earlier one stopped, and pays for no answer twice. Options are those of the command {@code run},
 * by the names of its flags, and are read from the same places: these calls, then environment
 * variables, Spark's properties and the profile of the provider.
 *
 * <p>Not thread-safe, but for {@link #stop}.
 */
public final class BatchInference {
  /** Exit code of a run that was asked to stop. */
  private static final int INTERRUPTED = 130;

  private final SparkSession session;
  private final @Nullable Dataset<Row> table;
  private final Map<String, List<String>> options = new TreeMap<>();
  private RunListener listener = RunListener.SILENT;
  private volatile @Nullable BatchRun current;

  private BatchInference(SparkSession session, @Nullable Dataset<Row> table) {
    this.session = session;
    this.table = table;
  }

  /** Answers the rows of a table. Its rows are read once, when the job begins. */
  public static BatchInference on(Dataset<Row> table) {
    return new BatchInference(table.sparkSession(), table);
  }

  /** Sends the requests of JSONL files. */
  public static BatchInference files(SparkSession session, String... paths) {
    return new BatchInference(session, null).option(InputOutputOptions.INPUT.name(), paths);
  }

  /** Columns whose values name a row in the answers; none lets the request name it. */
  public BatchInference key(String... columns) {
    return option(TableOptions.KEY.name(), columns);
  }

  /** The user's message, in which {@code {column}} stands for a column's value. */
  public BatchInference prompt(String template) {
    return option(TableOptions.PROMPT.name(), template);
  }

  /** The system's message, a template as {@link #prompt} is. */
  public BatchInference system(String template) {
    return option(TableOptions.SYSTEM.name(), template);
  }

  /** Spark SQL that gives the whole list of messages. */
  public BatchInference messages(String expression) {
    return option(TableOptions.MESSAGES.name(), expression);
  }

  /**
   * Spark SQL that gives the request's body, or the parameters beside a prompt: {@code
   * named_struct('temperature', 0)}.
   */
  public BatchInference body(String expression) {
    return option(TableOptions.BODY.name(), expression);
  }

  /** Spark SQL that gives what is embedded or moderated. */
  public BatchInference input(String expression) {
    return option(TableOptions.INPUT_COLUMN.name(), expression);
  }

  /** Columns of images that go with the prompt. */
  public BatchInference images(String... columns) {
    return option(TableOptions.IMAGE.name(), columns);
  }

  /** The model, for requests that name none. */
  public BatchInference model(String name) {
    return option(ModelOptions.MODEL.name(), name);
  }

  /** The endpoint's path, such as {@code /v1/embeddings}. */
  public BatchInference endpoint(String path) {
    return option(EndpointOptions.ENDPOINT.name(), path);
  }

  /** What answers must fit: JSON Schema, columns as Spark's DDL has them, or a file with either. */
  public BatchInference answerSchema(String schema) {
    return option(ModelOptions.ANSWER_SCHEMA.name(), schema);
  }

  /** What answers must fit, by a type of Spark. */
  public BatchInference answerSchema(StructType type) {
    return option(ModelOptions.ANSWER_SCHEMA.name(), AnswerSchemas.of(type));
  }

  /** What answers must fit, by a record whose components are their fields. */
  public BatchInference answerSchema(Class<? extends Record> type) {
    return option(ModelOptions.ANSWER_SCHEMA.name(), AnswerSchemas.of(type));
  }

  /** The job's folder, on any filesystem that executors and driver share. */
  public BatchInference output(String folder) {
    return option(InputOutputOptions.OUTPUT.name(), folder);
  }

  /**
   * Any option of the command {@code run}.
   *
   * @param name that of the flag, with or without dashes; a wrong one is reported when the run
   *     begins
   * @param values as on the command line; {@code "true"} for a switch
   */
  public BatchInference option(String name, String... values) {
    options.put(name.startsWith("--") ? name.substring(2) : name, List.of(values));
    return this;
  }

  /** The same for a whole number. */
  public BatchInference option(String name, long value) {
    return option(name, Long.toString(value));
  }

  /** The same for a number. */
  public BatchInference option(String name, double value) {
    return option(name, BigDecimal.valueOf(value).toPlainString());
  }

  /** The same for a switch; {@code false} leaves it out. */
  public BatchInference option(String name, boolean value) {
    return option(name, Boolean.toString(value));
  }

  /** Is told how the run goes, on the thread that runs it. */
  public BatchInference listener(RunListener hears) {
    this.listener = hears;
    return this;
  }

  /**
   * Runs the job, or goes on with it. Blocks until it has ended.
   *
   * @return the completed job
   * @throws BatchInferenceException where it did not complete: refused, failed, stopped, out of
   *     budget or time
   */
  public BatchResult run() {
    return telling(
        () -> {
          JobRecord job;
          try (BatchRun run =
              BatchRun.prepare(
                  JavaSparkContext.fromSparkContext(session.sparkContext()),
                  resolved(),
                  table,
                  System.getenv(),
                  null,
                  new ReportingListener(listener))) {
            current = run;
            job = run.run();
          } finally {
            current = null;
          }
          if (job.exitCode() != 0) {
            throw new BatchInferenceException(
                job.status().word(), job.exitCode(), Summary.of(job), job, null);
          }
          return new BatchResult(session, job);
        });
  }

  /**
   * Lets a run end that another thread is in: what is under way is awaited and saved, and {@link
   * #run} throws. The same call goes on later. Does nothing while none runs.
   */
  public void stop() {
    BatchRun run = current;
    if (run != null) {
      run.interrupt(INTERRUPTED);
    }
  }

  /**
   * The first requests that the table gives, one JSON object each, without sending any. The model
   * and the answer schema are added when a request is sent. Rows that give no request say why.
   *
   * @param rows how many
   * @throws BatchInferenceException where the table or the options give none
   */
  public List<String> preview(int rows) {
    return telling(
        () -> {
          JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
          return BatchRun.preview(context, resolved(), table, rows);
        });
  }

  private ResolvedOptions resolved() {
    RunOptions.check(options.keySet());
    Map<String, String> properties = new TreeMap<>();
    for (scala.Tuple2<String, String> property : session.sparkContext().getConf().getAll()) {
      properties.put(property._1(), property._2());
    }
    return OptionSources.builder()
        .flags(options)
        .environment(System.getenv())
        .sparkConf(properties)
        .resolve();
  }

  private static <T> T telling(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | LinkageError e) {
      // Where Spark is another one, classes are absent.
      throw BatchInferenceException.of(e);
    }
  }
}
