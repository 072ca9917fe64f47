package io.batchinfer.source;

import io.batchinfer.BatchInference;
import io.batchinfer.BatchInferenceException;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import io.batchinfer.table.answers.AnswersTable;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import scala.collection.immutable.Map;

/**
 * Spark's data source {@code batchinfer}. {@code df.write().format("batchinfer").save(OUTPUT)} is a
 * run over the rows of {@code df}, and {@code spark.read().format("batchinfer").load(OUTPUT)} are
 * the answers of the job in that folder, finished or not.
 *
 * <p>It is a source of Spark's first kind on purpose: such a write is one call on the driver, where
 * a task of the second kind may be repeated, and with it what it paid for.
 */
public final class BatchInferenceSource
    implements DataSourceRegister, RelationProvider, CreatableRelationProvider {
  @Override
  public String shortName() {
    return "batchinfer";
  }

  /**
   * The answers of a job.
   *
   * @throws BatchInferenceException without a path, and where it is not the folder of a job
   */
  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
    return telling(() -> AnswersTable.open(context, path(parameters)));
  }

  /**
   * Runs a job over the rows, or goes on with it, and returns when it has completed. The default
   * and {@code append} do so; {@code overwrite} starts it over, as {@code --rerun} does; {@code
   * ignore} does nothing where a job has completed.
   *
   * @return the answers
   * @throws BatchInferenceException where the job did not begin or did not complete
   */
  @Override
  public BaseRelation createRelation(
      SQLContext context, SaveMode mode, Map<String, String> parameters, Dataset<Row> rows) {
    return telling(() -> written(context, mode, parameters, rows));
  }

  private static BaseRelation written(
      SQLContext context, SaveMode mode, Map<String, String> parameters, Dataset<Row> rows) {
    String output = path(parameters);
    if (mode != SaveMode.Ignore || !AnswersTable.isCompleted(context, output)) {
      BatchInference inference = SourceOptions.of(rows, parameters).output(output);
      if (mode == SaveMode.Overwrite) {
        inference.option(RepeatOptions.RERUN.name(), true);
      }
      inference.run();
    }
    return AnswersTable.open(context, output);
  }

  /** What Spark itself throws stays as it is. */
  private static BaseRelation telling(Supplier<BaseRelation> work) {
    try {
      return work.get();
    } catch (BatchException | StorageException | LinkageError e) {
      throw BatchInferenceException.of(e);
    }
  }

  /** {@code path} by Spark's word, or {@code output} by that of the flag. */
  private static String path(Map<String, String> parameters) {
    for (String name : List.of(SourceOptions.PATH, InputOutputOptions.OUTPUT.name())) {
      scala.Option<String> given = parameters.get(name);
      if (given.isDefined()) {
        return given.get();
      }
    }
    throw new BatchException(
        ErrorCode.USAGE,
        "No folder is named. Give the job's %s as the path: save(\"OUTPUT\"), load(\"OUTPUT\"), or OPTIONS (path \"OUTPUT\")."
            .formatted(InputOutputOptions.OUTPUT.flag()));
  }
}
