package io.batchinfer.table.answers;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.TableNote;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStores;
import java.util.Optional;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.types.StructType;

/** The answers of a job, finished or not, as a relation of Spark. */
public final class AnswersTable {
  private AnswersTable() {}

  /**
   * Opens the table of an output folder. It is read anew by every query, so that the table of a job
   * that runs grows.
   *
   * @param output the folder as the user names it
   * @throws BatchException {@link ErrorCode#OUTPUT_MISMATCH} where there is no job with a plan
   * @throws io.batchinfer.storage.StorageException where a file cannot be read, or another version
   *     of the program wrote it
   */
  public static BaseRelation open(SQLContext context, String output) {
    FileStores stores = new FileStores(context.sparkContext()::hadoopConfiguration);
    JobFolder folder = new JobFolder(stores, stores.qualify(output));
    JobRecord job = folder.readRecord().orElseThrow(() -> noJob(folder));
    Plan plan = folder.readPlan().orElseThrow(() -> noPlan(folder));
    Optional<TableNote> table = folder.readTable();
    return new AnswersRelation(
        context,
        folder,
        JobRequest.jobHash(job.identity()).hex(),
        job.identity().getOrDefault(EndpointOptions.ENDPOINT.name(), ""),
        plan,
        AnswersSchema.of(
            table,
            Optional.ofNullable(
                job.definition().settings().get(ModelOptions.ANSWER_SCHEMA.name()))));
  }

  /**
   * Refuses keys of the same name as a column of the answers.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where there is one
   */
  public static void checkKeys(StructType keys) {
    AnswersSchema.refuseReserved(keys, ErrorCode.USAGE);
  }

  /** Whether the folder holds a job in which every row has its outcome and enough succeeded. */
  public static boolean isCompleted(SQLContext context, String output) {
    FileStores stores = new FileStores(context.sparkContext()::hadoopConfiguration);
    return new JobFolder(stores, stores.qualify(output))
        .readRecord()
        .filter(job -> job.status() == JobStatus.COMPLETED)
        .isPresent();
  }

  private static BatchException noJob(JobFolder folder) {
    return new BatchException(
        ErrorCode.OUTPUT_MISMATCH,
        folder.store().find(folder.root()).isEmpty()
            ? "There is no folder \"%s\". Load the one that the job writes to, its --output."
                .formatted(folder.root())
            : "There is no job in \"%s\": it holds no job.json. Load the folder that the job writes to, its --output."
                .formatted(folder.root()));
  }

  private static BatchException noPlan(JobFolder folder) {
    return new BatchException(
        ErrorCode.OUTPUT_MISMATCH,
        "The job in \"%s\" has no plan yet: its input was never read to the end, so there is no row to show. Run it, or wait until it sends."
            .formatted(folder.root()));
  }
}
