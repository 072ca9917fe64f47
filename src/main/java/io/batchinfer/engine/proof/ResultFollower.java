package io.batchinfer.engine.proof;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.proof.ResultStream.Rows;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.Liveness;
import io.batchinfer.journal.PartCursor;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hands on the rows of a job while it runs, split by split as they are published, each row once:
 * also of a split that is published again, as those are whose rows get the answers of equal ones or
 * run again. One bit of memory a row. A look at the job costs one listing and one small file. For
 * one thread.
 */
public final class ResultFollower {
  /** Looks without news before the run is asked for a sign of life. */
  private static final int IDLE_LOOKS = 5;

  private final JobFolder folder;
  private final Rows rows;
  private final Liveness liveness;
  private final Pause pause;
  private final Duration between;
  private final Map<Integer, Long> seen = new HashMap<>();
  private final Map<Integer, BitSet> written = new HashMap<>();
  private @Nullable Plan plan;
  private long count;

  /**
   * @param liveness tells whether a run is at work on the job
   * @param between how long to wait between two looks
   */
  public ResultFollower(
      JobFolder folder, Rows rows, Liveness liveness, Pause pause, Duration between) {
    this.folder = folder;
    this.rows = rows;
    this.liveness = liveness;
    this.pause = pause;
    this.between = between;
  }

  /** Takes the rows. */
  public interface Sink {
    /**
     * Takes a row.
     *
     * @param line the row's line with its end
     */
    void row(byte[] line) throws IOException;

    /** Is called when there are no more rows for the moment. */
    void pause() throws IOException;
  }

  /**
   * Follows the job until it is no longer at work, or this thread is interrupted.
   *
   * @return the record of the job as it stands then
   * @throws IOException what the sink throws
   * @throws BatchException with {@link ErrorCode#OUTPUT_MISMATCH} where the job began anew, since
   *     its rows are others then
   */
  public JobRecord follow(JobRecord known, Sink sink) throws IOException {
    int generation = known.generation().number();
    JobRecord record = known;
    int idle = 0;
    while (true) {
      boolean news = writeNew(record, sink);
      sink.pause();
      if (!record.status().isActive() || Thread.currentThread().isInterrupted()) {
        return record;
      }
      idle = news ? 0 : idle + 1;
      pause.pause(between);
      // The record before the parts: what a job that is over has published is there to be seen.
      record = folder.readRecord().orElse(record);
      if (idle >= IDLE_LOOKS) {
        idle = 0;
        record = liveness.honest(folder, record);
      }
      if (record.generation().number() != generation) {
        throw new BatchException(
            ErrorCode.OUTPUT_MISMATCH,
            "The job in \"%s\" began anew with --rerun, so that what was written here is of its earlier results. Give the same command again for the new ones."
                .formatted(folder.root()));
      }
    }
  }

  /** Rows that were handed on. */
  public long rows() {
    return count;
  }

  private boolean writeNew(JobRecord record, Sink sink) throws IOException {
    // While a job is planned, its record does not yet say what its rows are called.
    if (record.status() == JobStatus.PLANNING) {
      return false;
    }
    Plan known = plan == null ? folder.readPlan().orElse(null) : plan;
    if (known == null) {
      return false;
    }
    plan = known;
    boolean news = false;
    RowKey keys = new RowKey(JobRequest.jobHash(record.identity()));
    for (Map.Entry<Integer, Long> published : folder.commits().published().entrySet()) {
      int split = published.getKey();
      if (!published.getValue().equals(seen.get(split))
          && write(known.splits().get(split), keys, sink)) {
        seen.put(split, published.getValue());
        news = true;
      }
    }
    return news;
  }

  /** Hands on the rows of a split that are new; false where it is being published again. */
  private boolean write(Split split, RowKey keys, Sink sink) throws IOException {
    int splits = Objects.requireNonNull(plan, "plan").splits().size();
    String part =
        rows == Rows.SUCCEEDED
            ? folder.resultPart(split.index(), splits)
            : folder.errorPart(split.index(), splits);
    BitSet lines = written.computeIfAbsent(split.index(), unused -> new BitSet());
    try (PartCursor cursor = new PartCursor(folder.store(), keys, split, part)) {
      while (cursor.line() != PartCursor.END) {
        if (!lines.get(cursor.line())) {
          sink.row(cursor.row());
          lines.set(cursor.line());
          count++;
        }
        cursor.advance();
      }
      return true;
    } catch (StorageException e) {
      if (folder.commits().read(split.index()).isPresent()) {
        throw e;
      }
      return false;
    }
  }
}
