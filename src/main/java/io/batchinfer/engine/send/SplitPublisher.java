package io.batchinfer.engine.send;

import io.batchinfer.course.SketchBuilder;
import io.batchinfer.course.SketchJson;
import io.batchinfer.course.SplitSketch;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.send.PartPublisher.Prepared;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.model.Counts;
import io.batchinfer.model.Split;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;

/**
 * Publishes splits whose rows are all settled, one at a time, on a thread of its own: makes them
 * durable, assembles their parts, and puts these into place where the driver agrees. A failure ends
 * the run in this process. Thread-safe.
 */
final class SplitPublisher implements AutoCloseable {
  private static final long LEAST_MEMORY = 8L << 20;

  private final JobView job;
  private final JournalWriter journal;
  private final DriverClient driver;
  private final SplitSketches sketches;
  private final LongSupplier share;
  private final RunWatches watches;
  private final ProcessFailure failure;
  private final ExecutorService thread;

  /**
   * @param share bytes for the rows of the run, of which a part is assembled in a quarter
   */
  SplitPublisher(
      JobView job,
      JournalWriter journal,
      DriverClient driver,
      SplitSketches sketches,
      LongSupplier share,
      RunWatches watches,
      ProcessFailure failure) {
    this.job = job;
    this.journal = journal;
    this.driver = driver;
    this.sketches = sketches;
    this.share = share;
    this.watches = watches;
    this.failure = failure;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "batchinfer-assembly");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Publishes a split when those before it are through. Does not wait.
   *
   * @param replay what was journalled for it before it was claimed
   * @param worker unique name of who worked on it
   * @param whenOver run when the split is published, or is not this process's to publish any more
   */
  void publish(
      SplitProgress progress, SplitClaim claimed, Replay replay, String worker, Runnable whenOver) {
    thread.execute(
        () -> {
          try (Watchdog.Watch watch = watches.publishing(progress.split().index())) {
            publishNow(progress, claimed, replay, worker);
            whenOver.run();
          } catch (Throwable thrown) {
            failure.broke(thrown);
          }
        });
  }

  private void publishNow(
      SplitProgress progress, SplitClaim claimed, Replay replay, String worker) {
    Split split = progress.split();
    journal.flush().toCompletableFuture().join();
    // A split that comes back to its own process has its ranges in both lists.
    Set<SegmentRange> ranges = new LinkedHashSet<>(replay.ranges());
    ranges.addAll(journal.ranges(split.index()));
    SketchBuilder rows = new SketchBuilder();
    PartPublisher parts =
        new PartPublisher(
            job.folder(),
            job.keys(),
            job.splits(),
            new SplitAssembler(
                job.folder().store(),
                job.folder().segments(),
                Math.max(LEAST_MEMORY, share.getAsLong() / 4),
                entry -> SplitSketches.add(rows, entry, progress.kinds().of(entry.line()))));
    Prepared prepared =
        parts.prepare(split, List.copyOf(ranges), claimed.reopened(), progress.leftOut(), worker);
    boolean accepted = false;
    if (driver.mayCommit(split.index())) {
      Assembled assembled = parts.publish(prepared, sketch(progress, claimed, rows, prepared));
      accepted = driver.committed(split.index(), assembled.counts());
    }
    journal.forget(split.index());
    if (accepted) {
      journal.published(split.index());
    }
  }

  private byte[] sketch(
      SplitProgress progress, SplitClaim claimed, SketchBuilder rows, Prepared prepared) {
    SplitSketch sketch = sketches.sketch(rows, progress.times());
    if (claimed.reopened().isPresent()) {
      Counts all = prepared.assembled().counts().counts();
      sketch = sketches.again(progress.split().index(), sketch, all.settled(), all.errors());
    }
    return SketchJson.write(sketch);
  }

  /** Takes no more splits; goes on with those that it has. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
