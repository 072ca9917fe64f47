package io.batchinfer.report;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.StorageException;
import java.util.Optional;

/**
 * Writes the report when a run has ended, and passes on what it hears to another listener. That the
 * report could not be written is a notice and ends nothing.
 */
public final class ReportingListener implements RunListener {
  private final RunListener listener;

  public ReportingListener(RunListener listener) {
    this.listener = listener;
  }

  @Override
  public void planned(Plan plan, long resumedRows) {
    listener.planned(plan, resumedRows);
  }

  @Override
  public void progress(RunProgress progress) {
    listener.progress(progress);
  }

  @Override
  public void finalizing() {
    listener.finalizing();
  }

  @Override
  public void ended(JobFolder folder) {
    try {
      Optional<JobRecord> job = folder.readRecord();
      if (job.isPresent()) {
        ReportFile.write(folder, job.get());
      }
    } catch (StorageException | BatchException e) {
      listener.notice(
          "The report could not be written (%s). \"batchinfer report %s\" writes it later."
              .formatted(e.getMessage(), folder.root()));
    }
    listener.ended(folder);
  }

  @Override
  public void notice(String message) {
    listener.notice(message);
  }
}
