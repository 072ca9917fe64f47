package io.batchinfer.report;

import io.batchinfer.course.JobCourse;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.page.ReportPage;

/** The report of a job of the service, while it is worked on and afterwards. */
public final class ServiceReport {
  /** What the page may do, as a Content-Security-Policy. */
  public static final String POLICY = ReportPage.POLICY;

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

  /**
   * The page for those who call the service, who see nothing of how it is set up: not where it
   * keeps files, whom it asks, on which machines it works, or what its runs say to its operator.
   *
   * @param run the folder of the job's run
   * @return an HTML document in UTF-8
   * @throws BatchException {@link ErrorCode#CONFLICT} where nothing was recorded of the job
   * @throws io.batchinfer.storage.StorageException where what was recorded cannot be read
   */
  public static byte[] forCaller(JobFolder run, BatchJob job) {
    JobRecord record = record(run, job);
    return ReportFile.page(run, CallersView.of(record, job), CallersView.of(JobCourse.read(run)));
  }

  /**
   * Demands that there is something to report.
   *
   * @throws BatchException {@link ErrorCode#CONFLICT} where nothing was recorded of the job
   */
  public static void demand(JobFolder run, BatchJob job) {
    record(run, job);
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
