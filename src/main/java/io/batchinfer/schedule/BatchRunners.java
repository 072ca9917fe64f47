package io.batchinfer.schedule;

import io.batchinfer.job.BatchRunner;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.model.BatchJob;
import java.util.List;

/** Makes the runner of a job of the service. Thread-safe. */
public interface BatchRunners {
  /**
   * A runner that starts the job or goes on with it. It must be closed.
   *
   * @param inputs paths of the job's requests
   * @throws io.batchinfer.model.BatchException when the job cannot run as it is configured
   */
  Prepared runner(
      BatchJob job,
      List<String> inputs,
      JobFolder run,
      StopConditions conditions,
      RunListener listener);

  /** A runner with what it holds in common with others. */
  interface Prepared extends BatchRunner, AutoCloseable {
    /** Gives up what the runner shares. */
    @Override
    void close();
  }
}
