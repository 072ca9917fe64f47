package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Reads what lost workers journalled, on a thread of its own: neither a message nor a claim waits
 * for it. Losses that come while it reads are read together. Thread-safe.
 */
final class LostJournals {
  /** Of readings in a row that failed: a storage that is away for a moment ends no job. */
  private static final int ATTEMPTS = 5;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  private final JournalIndex index;
  private final Executor reader;
  private final Scheduler scheduler;
  private final Consumer<Set<Integer>> whenKnown;
  private final Consumer<RuntimeException> whenFailed;

  @GuardedBy("this")
  private Set<Integer> splits = new TreeSet<>();

  @GuardedBy("this")
  private Set<String> writers = new TreeSet<>();

  @GuardedBy("this")
  private boolean reading;

  @GuardedBy("this")
  private int failures;

  /**
   * @param reader runs a reading; never on the calling thread
   * @param whenKnown is told of which splits everything is known that their former workers
   *     journalled
   * @param whenFailed is told that the journal cannot be read
   */
  LostJournals(
      JournalIndex index,
      Executor reader,
      Scheduler scheduler,
      Consumer<Set<Integer>> whenKnown,
      Consumer<RuntimeException> whenFailed) {
    this.index = index;
    this.reader = reader;
    this.scheduler = scheduler;
    this.whenKnown = whenKnown;
    this.whenFailed = whenFailed;
  }

  /** Splits whose workers are lost, and all processes that ever had them. */
  synchronized void lost(Collection<Integer> lostSplits, Collection<String> theirWriters) {
    splits.addAll(lostSplits);
    writers.addAll(theirWriters);
    if (!reading) {
      reading = true;
      reader.execute(this::read);
    }
  }

  private void read() {
    Set<Integer> these;
    Set<String> theirs;
    synchronized (this) {
      these = splits;
      theirs = writers;
      splits = new TreeSet<>();
      writers = new TreeSet<>();
    }
    try {
      try {
        index.read(name -> theirs.contains(name.writer()));
      } catch (RuntimeException e) {
        failed(these, theirs, e);
        return;
      }
      whenKnown.accept(these);
      synchronized (this) {
        failures = 0;
        reading = !splits.isEmpty();
        if (reading) {
          reader.execute(this::read);
        }
      }
    } catch (Throwable thrown) {
      // Nobody else would hear of it, and what is lost would be waited for without end.
      whenFailed.accept(
          new IllegalStateException("The journal could not be read: " + thrown, thrown));
    }
  }

  private void failed(Set<Integer> these, Set<String> theirs, RuntimeException failure) {
    synchronized (this) {
      splits.addAll(these);
      writers.addAll(theirs);
      failures++;
      if (failures < ATTEMPTS) {
        scheduler.schedule(
            () -> reader.execute(this::read), FIRST_PAUSE.multipliedBy(1L << failures));
        return;
      }
    }
    whenFailed.accept(failure);
  }
}
