package io.batchinfer.engine.lead;

import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.BatchNote.Step;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.RemoteBatch;
import io.batchinfer.remote.RemoteBatchApi.Order;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.Uploaded;
import java.time.Duration;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A batch of the round that is under way, with what this run alone knows of it. Not thread-safe.
 */
final class BatchOnItsWay {
  private final RemoteWork work;
  private BatchNote note;
  private long nextLook;
  private long reachedAt;
  private Duration wait = Duration.ZERO;

  /** What executors do for it, or null. */
  @Nullable Future<Uploaded> uploading;

  @Nullable Future<Fetched> fetching;

  /** As it was seen last at the provider, or null. */
  @Nullable RemoteBatch seen;

  private long endedAt;
  private boolean ended;

  /** How often in a row something went wrong. */
  int troubles;

  BatchOnItsWay(BatchNote note, RemoteWork work, long now) {
    this.note = note;
    this.work = work;
    this.nextLook = now;
    this.reachedAt = now;
  }

  BatchNote note() {
    return note;
  }

  RemoteWork work() {
    return work;
  }

  /** It has come to another step, which is to be looked at at once. */
  void reached(BatchNote next, long now) {
    note = next;
    nextLook = now;
    reachedAt = now;
    wait = Duration.ZERO;
    troubles = 0;
  }

  /** When it came to its step, or when this run found it there. */
  long reachedAt() {
    return reachedAt;
  }

  /** When it was first seen to be over, which may be now. */
  long endedAt(long now) {
    if (!ended) {
      ended = true;
      endedAt = now;
    }
    return endedAt;
  }

  boolean isDue(long now) {
    return nextLook - now <= 0;
  }

  /** When it is looked at again, in nanoseconds of the run's time. */
  long nextLook() {
    return nextLook;
  }

  /** Is looked at again later, each time after a longer wait. */
  void later(long now, Duration first, Duration longest) {
    wait = wait.isZero() ? first : wait.multipliedBy(3).dividedBy(2);
    wait = wait.compareTo(longest) > 0 ? longest : wait;
    nextLook = now + wait.toNanos();
  }

  /** Is looked at again after that wait, or a longer one that it has come to. */
  void troubled(long now, Duration first, Duration longest, Duration atLeast) {
    troubles++;
    later(now, first, longest);
    nextLook = Math.max(nextLook, now + atLeast.toNanos());
  }

  /** It is to be looked at then, whatever was meant before. */
  void lookIn(Duration pause, long now) {
    nextLook = now + pause.toNanos();
  }

  /** Whether anything of it is, or may be, at the provider and not read. */
  boolean isUnderWay() {
    return note.step() != Step.PLANNED && !note.done();
  }

  /** Whether it is, or may be, among the provider's batches. */
  boolean isCreated() {
    return note.step() == Step.CREATING || note.step() == Step.CREATED;
  }

  /** What the provider is asked for. */
  Order order(String window) {
    return new Order(
        note.metadataId(), note.file(), work.endpoint(), work.model(), window, note.sinceMillis());
  }

  void stop() {
    if (uploading != null) {
      uploading.cancel(true);
    }
    if (fetching != null) {
      fetching.cancel(true);
    }
  }
}
