package io.batchinfer.table;

import io.batchinfer.config.Options;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.table.answers.AnswersTable;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import scala.collection.immutable.Map;

/**
 * Spark's data source {@code batchinfer}. {@code spark.read().format("batchinfer").load(OUTPUT)}
 * are the answers of the job in that folder, finished or not.
 */
public final class BatchInferenceSource implements DataSourceRegister, RelationProvider {
  private static final String PATH = "path";

  @Override
  public String shortName() {
    return "batchinfer";
  }

  /**
   * The answers of a job.
   *
   * @throws BatchException {@link ErrorCode#USAGE} without a path, {@link
   *     ErrorCode#OUTPUT_MISMATCH} where it is not the folder of a job
   */
  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
    String output =
        parameters
            .get(PATH)
            .getOrElse(
                () -> {
                  throw new BatchException(
                      ErrorCode.USAGE,
                      "No folder is named. Give the job's %s as the path: load(\"OUTPUT\"), or OPTIONS (path \"OUTPUT\")."
                          .formatted(Options.OUTPUT.flag()));
                });
    return AnswersTable.open(context, output);
  }
}
