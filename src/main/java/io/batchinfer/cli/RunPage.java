package io.batchinfer.cli;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.WatchingOptions;
import io.batchinfer.job.BatchRunner;
import io.batchinfer.job.JobFolder;
import io.batchinfer.live.LivePage;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.ProgressReport;
import io.batchinfer.report.ReportFile;
import io.batchinfer.time.SystemTime;
import org.jspecify.annotations.Nullable;

/** The page of a run on the command line, where it is asked for. */
final class RunPage {
  private static final int INTERRUPTED = 130;

  private RunPage() {}

  /**
   * Serves the page, and has its address told with the plan.
   *
   * @param folder the run's output
   * @return to be closed when the run is over; null where no page is asked for
   */
  static @Nullable LivePage serve(
      ResolvedOptions options, JobFolder folder, BatchRunner run, ProgressReport progress) {
    if (options.find(WatchingOptions.PAGE).isEmpty()) {
      return null;
    }
    LivePage page =
        LivePage.start(
            options.get(WatchingOptions.PAGE),
            new LivePage.Run(
                new RecentReport(() -> report(folder), SystemTime.TICKER),
                progress::now,
                () -> {
                  progress.notice(
                      "Cancelled on its page: waiting for requests under way, then saving.");
                  run.interrupt(INTERRUPTED);
                }));
    progress.page(page.address());
    return page;
  }

  private static byte[] report(JobFolder folder) {
    JobRecord job =
        folder
            .readRecord()
            .orElseThrow(
                () -> new BatchException(ErrorCode.STORAGE_FAILED, "The job is being planned."));
    return ReportFile.page(folder, job);
  }
}
