package io.batchinfer;

import io.batchinfer.job.JobJson;
import io.batchinfer.model.JobRecord;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A job that has completed: what it did and cost, and its answers. */
public final class BatchResult {
  private final SparkSession session;
  private final JobRecord job;

  BatchResult(SparkSession session, JobRecord job) {
    this.session = session;
    this.job = job;
  }

  /** The job as it was written last. */
  public JobRecord job() {
    return job;
  }

  /** The summary as one JSON object, with the keys of {@code run --json}. */
  public String json() {
    return JobJson.summary(job);
  }

  /** What the answers cost, in {@link JobRecord#currency}; empty where a price is unknown. */
  public Optional<Double> cost() {
    return job.cost();
  }

  /** A row for each row of the job: its key, its answer or its error. Read when it is used. */
  public Dataset<Row> answers() {
    return session.read().format("batchinfer").load(job.output());
  }
}
