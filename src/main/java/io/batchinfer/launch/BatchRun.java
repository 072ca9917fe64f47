package io.batchinfer.launch;

import io.batchinfer.config.ApiKeys;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.run.Cluster;
import io.batchinfer.engine.run.FileRequests;
import io.batchinfer.engine.run.JobRun;
import io.batchinfer.engine.run.LocalCluster;
import io.batchinfer.engine.run.RequestSource;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.BatchRunner;
import io.batchinfer.job.RunListener;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.spark.SparkCluster;
import io.batchinfer.spark.SparkContexts;
import io.batchinfer.storage.FileStores;
import io.batchinfer.table.answers.AnswersTable;
import io.batchinfer.table.render.RequestRows;
import io.batchinfer.table.schema.AnswerSchemaOption;
import io.batchinfer.table.stage.Preview;
import io.batchinfer.table.stage.StagedTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * One run of a job in a Spark context that somebody else starts and stops: over files of requests,
 * or over the rows of a table. The command {@code run}, the data source and programs all come
 * through here.
 */
public final class BatchRun implements BatchRunner, AutoCloseable {
  private final Simulation simulation;
  private final ResolvedOptions options;
  private final JobRun runner;

  private BatchRun(Simulation simulation, ResolvedOptions options, JobRun runner) {
    this.simulation = simulation;
    this.options = options;
    this.runner = runner;
  }

  /**
   * Prepares a run; reads no request and sends none.
   *
   * @param given options, of which the output and an endpoint are needed
   * @param table rows to be answered; null where the options name files or a table
   * @param environment variables of the driver, which keys and proxies are read from
   * @param confFolder folder of a price list of one's own, or null
   * @param listener is told how the run goes
   * @throws BatchException {@link ErrorCode#USAGE} where the options do not make a run, {@link
   *     ErrorCode#UNSUPPORTED_SPARK} where this Spark cannot run one
   */
  public static BatchRun prepare(
      JavaSparkContext context,
      ResolvedOptions given,
      @Nullable Dataset<Row> table,
      Map<String, String> environment,
      @Nullable Path confFolder,
      RunListener listener) {
    SparkContexts.refuseUnsupported(context.sc());
    Cluster cluster = new SparkCluster(context);
    Prepared prepared =
        Prepared.of(formed(given, table != null), cluster.stores(), environment, confFolder);
    return prepared.start(
        Simulation.start(given.get(EndpointOptions.SIMULATE), context),
        cluster,
        options ->
            TableInput.isTable(options)
                ? ofTable(context, options, table, prepared.root())
                : files(cluster.stores(), options, prepared.root()),
        listener);
  }

  /**
   * Prepares a run over files in threads of this process, without Spark.
   *
   * @param cluster somebody else closes it
   * @throws BatchException {@link ErrorCode#USAGE} where the options do not make such a run
   */
  public static BatchRun prepareHere(
      LocalCluster cluster,
      ResolvedOptions given,
      Map<String, String> environment,
      @Nullable Path confFolder,
      RunListener listener) {
    ResolvedOptions formed = formed(given, false);
    if (TableInput.isTable(formed)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "A table is read by Spark, which --master none does without. Leave --master out, or give the requests as JSONL with --input.");
    }
    Prepared prepared = Prepared.of(formed, cluster.stores(), environment, confFolder);
    return prepared.start(
        Simulation.startHere(given.get(EndpointOptions.SIMULATE)),
        cluster,
        options -> files(cluster.stores(), options, prepared.root()),
        listener);
  }

  private static RequestSource files(FileStores stores, ResolvedOptions options, String root) {
    return new FileRequests(stores, options.require(InputOutputOptions.INPUT), options, root);
  }

  /**
   * What a run is made of, wherever it goes.
   *
   * @param root qualified output folder
   */
  private record Prepared(
      ResolvedOptions formed,
      Optional<String> key,
      Map<String, String> environment,
      String root,
      PriceTable prices) {

    static Prepared of(
        ResolvedOptions formed,
        FileStores stores,
        Map<String, String> environment,
        @Nullable Path confFolder) {
      String output = formed.require(InputOutputOptions.OUTPUT);
      return new Prepared(
          formed,
          BatchRun.key(formed, environment),
          environment,
          stores.qualify(output),
          PriceTable.load(confFolder));
    }

    /** Takes the simulation over, whatever comes of it. */
    BatchRun start(
        Simulation simulation,
        Cluster cluster,
        Function<ResolvedOptions, RequestSource> source,
        RunListener listener) {
      try {
        ResolvedOptions options = simulation.applyTo(formed);
        JobRequest request =
            new JobRequest(options, RequestSecrets.of(options, key, environment), root, prices);
        return new BatchRun(
            simulation, options, new JobRun(cluster, request, source.apply(options), listener));
      } catch (Throwable thrown) {
        simulation.close();
        throw thrown;
      }
    }
  }

  /**
   * Looks whether the options make a run, before anything is started.
   *
   * @return the options with what follows from them
   * @throws BatchException {@link ErrorCode#USAGE} where they do not
   */
  public static ResolvedOptions checked(ResolvedOptions given, Map<String, String> environment) {
    ResolvedOptions formed = formed(given, false);
    formed.require(InputOutputOptions.OUTPUT);
    key(formed, environment);
    return formed;
  }

  private static ResolvedOptions formed(ResolvedOptions given, boolean programs) {
    return EngineRules.resolved(AnswerSchemaOption.resolved(TableInput.formed(given, programs)))
        // Which a deployment's file may say for the service: here nothing outlives its run.
        .without(EngineOptions.ENGINE_IDLE);
  }

  /** Whether the {@linkplain #checked checked} options name a table. */
  public static boolean isOfTable(ResolvedOptions checked) {
    return TableInput.isTable(checked);
  }

  private static Optional<String> key(ResolvedOptions given, Map<String, String> environment) {
    BatchServiceOptions.check(given);
    if (given.get(EndpointOptions.SIMULATE)) {
      return Optional.empty();
    }
    SendingOptions.requireEndpoint(given);
    return ApiKeys.read(given, environment);
  }

  /**
   * The first requests of a table as they would be sent, without sending any.
   *
   * @param table rows to be answered; null where the options name a table
   * @return a JSON object each
   * @throws BatchException {@link ErrorCode#USAGE} where the input is not a table
   */
  public static List<String> preview(
      JavaSparkContext context, ResolvedOptions given, @Nullable Dataset<Row> table, int rows) {
    SparkContexts.refuseUnsupported(context.sc());
    ResolvedOptions options = formed(given, table != null);
    if (!TableInput.isTable(options)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The input is JSONL, whose lines are the requests; there is nothing to render.");
    }
    return Preview.of(rows(context, options, table), rows);
  }

  private static RequestSource ofTable(
      JavaSparkContext context,
      ResolvedOptions options,
      @Nullable Dataset<Row> table,
      String root) {
    return new StagedTable(context, () -> rows(context, options, table), options, root);
  }

  private static RequestRows rows(
      JavaSparkContext context, ResolvedOptions options, @Nullable Dataset<Row> table) {
    RequestRows rows =
        RequestRows.of(table != null ? table : TableInput.read(context, options), options);
    AnswersTable.checkKeys(rows.keys());
    return rows;
  }

  /** The options that hold, with the address of a simulated endpoint and defaults of tables. */
  public ResolvedOptions options() {
    return options;
  }

  @Override
  public JobRecord run() {
    return runner.run();
  }

  @Override
  public void interrupt(int exitCode) {
    runner.interrupt(exitCode);
  }

  /** Requests under way, as last reported. From any thread. */
  public int requestsUnderWay() {
    return runner.requestsUnderWay();
  }

  /** Ends the simulated endpoint, if there is one. */
  @Override
  public void close() {
    simulation.close();
  }
}
