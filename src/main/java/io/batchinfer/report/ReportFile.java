package io.batchinfer.report;

import io.batchinfer.course.JobCourse;
import io.batchinfer.findings.Findings;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.page.ReportPage;
import java.nio.charset.StandardCharsets;

/** The report of a job as a file. */
public final class ReportFile {
  private ReportFile() {}

  /**
   * The page for a job as it stands.
   *
   * @param job its record, which may say that its run shows no sign of life
   * @throws io.batchinfer.storage.StorageException where what was recorded of it cannot be read
   */
  public static byte[] page(JobFolder folder, JobRecord job) {
    JobCourse course = JobCourse.read(folder);
    return ReportPage.write(job, course, Findings.of(job, course)).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes the page into the job's folder, in place of one that is there.
   *
   * @throws io.batchinfer.storage.StorageException where that cannot be done
   */
  public static void write(JobFolder folder, JobRecord job) {
    folder.store().replace(folder.report(), page(folder, job));
  }
}
