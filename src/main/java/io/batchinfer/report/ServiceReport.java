package io.batchinfer.report;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;

/** The report of a job of the service, while it is worked on and afterwards. */
public final class ServiceReport {
  private ServiceReport() {}

  /**
   * The page with everything that is known, for whoever operates the service.
   *
   * @param run the folder of the job's run
   * @return an HTML document in UTF-8
   * @throws BatchException {@link ErrorCode#CONFLICT} where nothing was recorded of the job
   * @throws io.batchinfer.storage.StorageException where what was recorded cannot be read
   */
  public static byte[] forOperator(JobFolder run, BatchJob job) {
    return ReportFile.page(run, record(run, job));
  }

  private static JobRecord record(JobFolder run, BatchJob job) {
    return run.readRecord()
        .orElseThrow(
            () ->
                new BatchException(
                    ErrorCode.CONFLICT,
                    job.state().status().isTerminal()
                        ? "Job %s (%s) ended before it sent anything, so there is nothing to report of it. Its errors say why."
                            .formatted(job.id(), job.state().status())
                        : "Job %s (%s) has sent nothing yet, so there is nothing to report of it. Ask again once it is under way."
                            .formatted(job.id(), job.state().status())));
  }
}
