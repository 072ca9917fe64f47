package io.batchinfer.service;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
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
import io.batchinfer.schedule.BatchRunners;
import io.batchinfer.schedule.StopConditions;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/** Runs jobs without a model: every line of the input has its line of the results. */
final class LineRunners implements BatchRunners {
  private static final int LONGEST_LINE = 64 << 20;

  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** Lets jobs wait from now on. */
  void block() {
    gate = new CountDownLatch(1);
  }

  /** Lets jobs go on. */
  void release() {
    gate.countDown();
  }

  @Override
  public Prepared runner(
      BatchJob job,
      List<String> inputs,
      JobFolder run,
      StopConditions conditions,
      RunListener listener) {
    return new LineRun(inputs, run, gate);
  }

  private static final class LineRun implements Prepared {
    private final List<String> inputs;
    private final JobFolder run;
    private final CountDownLatch gate;
    private volatile boolean interrupted;

    LineRun(List<String> inputs, JobFolder run, CountDownLatch gate) {
      this.inputs = inputs;
      this.run = run;
      this.gate = gate;
    }

    @Override
    public JobRecord run() {
      Instant began = Instant.now();
      run.writeRecord(record(JobStatus.RUNNING, 0, began));
      try {
        gate.await();
        long rows = interrupted ? 0 : answer();
        JobStatus status = interrupted ? JobStatus.INTERRUPTED : JobStatus.COMPLETED;
        JobRecord record = record(status, rows, began);
        run.writeRecord(record);
        return record;
      } catch (IOException e) {
        throw new StorageException("Cannot run the job", e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private long answer() throws IOException {
      FileStore store = run.store();
      long rows = 0;
      try (OutputStream out = store.create(run.resultPart(0, 1))) {
        for (String input : inputs) {
          try (LineReader lines = new LineReader(store.open(input, 0), 0, LONGEST_LINE)) {
            while (lines.next()) {
              if (!lines.isBlank()) {
                out.write("{\"row\":%d}\n".formatted(rows++).getBytes(StandardCharsets.UTF_8));
              }
            }
          }
        }
      }
      return rows;
    }

    private JobRecord record(JobStatus status, long rows, Instant began) {
      Counts counts =
          new Counts(new RowCounts(rows, 0), new Spent(rows, 0, Usage.NONE), new TreeMap<>());
      return new JobRecord(
          new Definition(
              "batch_" + "0".repeat(32), run.root(), new TreeMap<>(), new TreeMap<>(), Map.of()),
          Generation.FIRST,
          new Standing(status, "", status.exitCode(), false),
          new Rows(rows, 0, counts),
          Costs.UNKNOWN,
          new Times(began, Optional.of(Instant.now()), 0, 0));
    }

    @Override
    public void interrupt(int exitCode) {
      interrupted = true;
      gate.countDown();
    }

    @Override
    public void close() {}
  }
}
