package io.batchinfer.job;

import io.batchinfer.model.JobRecord;

/** Runs a batch to its end, wherever that is done. */
public interface BatchRunner {
  /**
   * Runs or resumes the job. Blocks until it ended, was stopped or was {@linkplain #interrupt
   * interrupted}, and returns its record as it was written.
   *
   * @throws io.batchinfer.model.BatchException when the job cannot begin or its results cannot be
   *     proven
   */
  JobRecord run();

  /** Lets what is under way end, saves, and makes {@link #run} return. Thread-safe. */
  void interrupt(int exitCode);
}
