package io.batchinfer.spark;

import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.engine.run.Cluster;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Ends the Spark jobs of this thread once the run is interrupted: they may wait for a cluster that
 * has no room. Opened and closed by one thread.
 */
final class InterruptibleJobs implements Cluster.Held {
  /** A job that was submitted just then has to be ended too. */
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final JavaSparkContext context;
  private final Scheduler scheduler;
  private final String tag = "batchinfer-" + UUID.randomUUID();
  private volatile boolean closed;

  InterruptibleJobs(JavaSparkContext context, RunInterrupt interrupt, Scheduler scheduler) {
    this.context = context;
    this.scheduler = scheduler;
    context.addJobTag(tag);
    interrupt.whenInterrupted(this::cancel);
  }

  private void cancel() {
    if (!closed) {
      context.sc().cancelJobsWithTag(tag, "the run was interrupted");
      scheduler.schedule(this::cancel, AGAIN);
    }
  }

  @Override
  public void close() {
    closed = true;
    context.removeJobTag(tag);
  }
}
