package io.batchinfer.table.answers;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Where the answers of a job are to be written as a table.
 *
 * @param format name of Spark's format; empty to take the usual one of the catalogue
 * @param path folder to write, or empty
 * @param table name in Spark's catalogue, or empty; exactly one of the two is given
 * @param overwrite whether what is there goes
 */
public record AnswersTarget(
    Optional<String> format, Optional<String> path, Optional<String> table, boolean overwrite) {
  private static final String CATALOGS = "spark.sql.catalog.";
  private static final String SESSION_CATALOG = "spark_catalog";

  /**
   * Writes the answers, by the Spark context that is there. What cannot be written is refused
   * before anything is.
   *
   * @param folder of the job
   * @throws BatchException {@link ErrorCode#USAGE} if the target is there and is not to be
   *     overwritten, if it lies in the job's folder or around it, or if Spark has no such format
   */
  public void write(JobFolder folder) {
    SparkSession session = SparkSession.builder().getOrCreate();
    path.ifPresent(to -> refusePath(session, folder, to));
    table.ifPresent(to -> refuseTable(session, to));
    Dataset<Row> answers = session.baseRelationToDataFrame(open(session, folder));
    DataFrameWriter<Row> writer =
        (isCsv() ? flat(answers) : answers).write().mode(overwrite ? "overwrite" : "errorifexists");
    format.ifPresent(writer::format);
    // As others read CSV; a column is there although all of it is null.
    writer.option("header", "true").option("escape", "\"").option("ignoreNullFields", "false");
    try {
      path.ifPresent(writer::save);
      table.ifPresent(writer::saveAsTable);
    } catch (Exception e) {
      // Scala declares no checked exception, and throws them.
      throw e instanceof ClassNotFoundException ? unknownFormat(e) : failed(e);
    }
  }

  private static BaseRelation open(SparkSession session, JobFolder folder) {
    return AnswersTable.open(session.sqlContext(), folder.root());
  }

  private boolean isCsv() {
    return format.filter("csv"::equalsIgnoreCase).isPresent();
  }

  private static Dataset<Row> flat(Dataset<Row> answers) {
    Column[] columns = new Column[answers.columns().length];
    StructField[] fields = answers.schema().fields();
    for (int i = 0; i < columns.length; i++) {
      String name = fields[i].name();
      Column column = answers.col("`" + name.replace("`", "``") + "`");
      DataType type = fields[i].dataType();
      if (type instanceof StructType || type instanceof ArrayType || type instanceof MapType) {
        column = functions.to_json(column).as(name);
      } else if (type instanceof BinaryType) {
        column = functions.base64(column).as(name);
      }
      columns[i] = column;
    }
    return answers.select(columns);
  }

  private void refusePath(SparkSession session, JobFolder folder, String to) {
    FileStores stores = new FileStores(session.sparkContext()::hadoopConfiguration);
    String target = stores.qualify(to).replaceFirst("/+$", "");
    String job = folder.root();
    if ((target + "/").startsWith(job + "/") || (job + "/").startsWith(target + "/")) {
      throw new BatchException(
          ErrorCode.USAGE,
          "\"%s\" lies in the folder of the job or around it, \"%s\", which holds the answers that were paid for. Nothing was written; give --to a folder beside it."
              .formatted(to, job));
    }
    if (!overwrite && stores.find(target).isPresent()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "\"%s\" is there already. Nothing was written; give another --to, or --overwrite to replace it."
              .formatted(to));
    }
  }

  private void refuseTable(SparkSession session, String to) {
    String catalog = to.contains(".") ? to.substring(0, to.indexOf('.')) : "";
    boolean named =
        session.conf().getOption(CATALOGS + catalog).isDefined()
            || !session.catalog().currentCatalog().equals(SESSION_CATALOG);
    if (!named && session.conf().get("spark.sql.catalogImplementation").equals("in-memory")) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The table \"%s\" would be forgotten as soon as this command ends, since Spark has no catalogue that lasts. Nothing was written; name one, as with --conf spark.sql.catalogImplementation=hive or --conf spark.sql.catalog.NAME=CLASS, or write files with --to PATH."
              .formatted(to));
    }
    if (!overwrite && session.catalog().tableExists(to)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The table \"%s\" is there already. Nothing was written; give another --to-table, or --overwrite to replace it."
              .formatted(to));
    }
  }

  private BatchException unknownFormat(Exception cause) {
    return new BatchException(
        ErrorCode.USAGE,
        "Spark has no format \"%s\" here. Nothing was written; give parquet, orc, csv or json, or bring the format along, as with --packages io.delta:delta-spark_2.13:VERSION."
            .formatted(format.orElse("")),
        cause);
  }

  /** What is told to users as it is, or what Spark says. */
  private static RuntimeException failed(Exception thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException || cause instanceof StorageException) {
        return (RuntimeException) cause;
      }
    }
    return new BatchException(
        ErrorCode.USAGE,
        "Spark cannot write the answers there: %s"
            .formatted(String.valueOf(thrown.getMessage()).lines().findFirst().orElse("")),
        thrown);
  }
}
