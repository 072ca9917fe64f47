package io.batchinfer.schedule;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.testing.Eventually;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Runs jobs that last until the test ends them, and remembers which ran. Thread-safe. */
final class GatedRunners implements BatchRunners {

  private final Map<String, CompletableFuture<Function<BatchJob, JobRecord>>> running =
      new ConcurrentHashMap<>();
  private final List<String> started = new ArrayList<>();

  @Override
  public Prepared runner(
      BatchJob job,
      List<String> inputs,
      JobFolder run,
      StopConditions conditions,
      RunListener listener) {
    CompletableFuture<Function<BatchJob, JobRecord>> end = new CompletableFuture<>();
    running.put(job.id(), end);
    synchronized (started) {
      started.add(job.id());
    }
    return new Prepared() {
      @Override
      public JobRecord run() {
        try {
          return end.join().apply(job);
        } finally {
          running.remove(job.id());
        }
      }

      @Override
      public void interrupt(int exitCode) {
        end.complete(any -> record(any, JobStatus.INTERRUPTED, 0, 0));
      }

      @Override
      public void close() {}
    };
  }

  /** Ids of all runs in the order in which they began. */
  List<String> started() {
    synchronized (started) {
      return List.copyOf(started);
    }
  }

  void awaitStarted(int runs) {
    Eventually.await(
        runs + " runs have begun",
        LONG_ENOUGH,
        () -> started().size() >= runs,
        () -> started().toString());
  }

  /** Ends a run with every request answered. */
  void complete(BatchJob job) {
    end(job, done -> record(done, JobStatus.COMPLETED, done.spec().input().requests(), 0));
  }

  /** Ends a run in another way. */
  void end(BatchJob job, Function<BatchJob, JobRecord> how) {
    CompletableFuture<Function<BatchJob, JobRecord>> end = running.get(job.id());
    if (end == null) {
      throw new IllegalStateException("job " + job.id() + " does not run");
    }
    end.complete(how);
  }

  /** Ends a run by an exception. */
  void fail(BatchJob job, BatchException failure) {
    end(
        job,
        any -> {
          throw failure;
        });
  }

  static JobRecord record(BatchJob job, JobStatus status, long succeeded, long failed) {
    return new JobRecord(
        new Definition("batch_" + "0".repeat(32), "", new TreeMap<>(), new TreeMap<>(), Map.of()),
        Generation.FIRST,
        new Standing(status, "as the test says", status.exitCode(), false),
        new Rows(
            job.spec().input().requests(),
            0,
            new Counts(
                new RowCounts(succeeded, failed),
                new Spent(succeeded, 0, Usage.NONE),
                new TreeMap<>())),
        Costs.UNKNOWN,
        new Times(Instant.EPOCH, Optional.of(Instant.EPOCH), 0, 0));
  }
}
