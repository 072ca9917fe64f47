package io.batchinfer.job;

import io.batchinfer.model.JobRecord;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.Ownership.Holder;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Pause;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells from any machine whether a run is at work on a job: its heartbeat moves. */
public final class Liveness {
  private static final int LOOKS_PER_BEAT = 4;

  /** A little more than two beats. */
  private static final int LOOKS = 10;

  private final OwnershipTiming timing;
  private final Pause pause;

  public Liveness(OwnershipTiming timing, Pause pause) {
    this.timing = timing;
    this.pause = pause;
  }

  /**
   * The process that runs the job. Returns as soon as its heart was seen to beat; empty at once
   * where no process owns the job or its process is provably gone, and after two and a half beats
   * where the heartbeat stands still.
   */
  public Optional<Claimant> observe(JobFolder folder) {
    @Nullable Holder first = Ownership.currentHolder(folder.store(), folder.owner());
    Duration between = timing.beat().dividedBy(LOOKS_PER_BEAT);
    @Nullable Holder now = first;
    for (int look = 0; look < LOOKS && now != null && now.equals(first); look++) {
      pause.pause(between);
      now = Ownership.currentHolder(folder.store(), folder.owner());
    }
    return now == null || now.equals(first) ? Optional.empty() : Optional.of(now.claimant());
  }

  /** The record as it is, or as stalled where it says that a run is at work and none is. */
  public JobRecord honest(JobFolder folder, JobRecord record) {
    if (!record.status().isActive() || observe(folder).isPresent()) {
      return record;
    }
    // A run that ended meanwhile wrote its last record before it gave the output up.
    JobRecord last = folder.readRecord().orElse(record);
    return last.status().isActive()
        ? last.stalled(
            "The run that wrote this shows no sign of life. What it settled is saved; the same run command goes on from there.")
        : last;
  }
}
