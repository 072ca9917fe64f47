package io.batchinfer.report;

import io.batchinfer.course.JobCourse;
import io.batchinfer.findings.Findings;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobRecord;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.report.page.ProviderBatch;
import io.batchinfer.report.page.ReportPage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The report of a job as a file. */
public final class ReportFile {
  private static final double BILLION = 1e9;

  private ReportFile() {}

  /**
   * The page for a job as it stands.
   *
   * @param job its record, which may say that its run shows no sign of life
   * @throws io.batchinfer.storage.StorageException where what was recorded of it cannot be read
   */
  public static byte[] page(JobFolder folder, JobRecord job) {
    return page(folder, job, JobCourse.read(folder));
  }

  /** The page for a job as it is to be shown. */
  static byte[] page(JobFolder folder, JobRecord job, JobCourse course) {
    return ReportPage.write(job, course, batches(folder), Findings.of(job, course))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static List<ProviderBatch> batches(JobFolder folder) {
    RemoteBook book = RemoteBook.read(folder, "");
    return book.all().stream().map(note -> batch(note, book.work(note))).toList();
  }

  private static ProviderBatch batch(BatchNote note, RemoteWork work) {
    BatchNote.Times times = note.times();
    return new ProviderBatch(
        note.number() + 1,
        note.batch(),
        work.model(),
        work.load().rows(),
        Optional.of(times.created()).filter(at -> at > 0),
        note.done()
            ? Optional.of(
                new ProviderBatch.End(
                    times.read() > 0 ? times.read() : note.sinceMillis(),
                    note.result().unanswered(),
                    note.result().billionths() / BILLION))
            : Optional.empty());
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
