package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.OutboundRequest.Entity;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.TokenGuess;
import io.batchinfer.engine.send.PartPublisher.Prepared;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Split;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One worker: claims splits one after the other, reads their rows into the channel, and opens the
 * next split while the rows of the last are under way. Runs on one thread.
 */
public final class SplitWorker {
  /** Splits whose last rows may be under way while the worker reads on. */
  private static final int MAX_OPEN_SPLITS = 8;

  /** Settled rows that may wait for the journal. */
  private static final long MAX_UNFLUSHED = 64L << 20;

  /** Heap that a row needs on top of its body and its answer. */
  private static final int ROW_OVERHEAD = 8 << 10;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final WorkerRuntime runtime;
  private final RequestLineParser parser;
  private final IdempotencyKeys idempotencyKeys;
  private final String name = UUID.randomUUID().toString();
  private final Semaphore changed = new Semaphore(0);
  private final AtomicInteger publishing = new AtomicInteger();
  private final AtomicInteger openSplits = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private @Nullable CompletableFuture<ClaimAnswer> claim;

  public SplitWorker(WorkerRuntime runtime) {
    this.runtime = runtime;
    this.parser = runtime.parser();
    this.idempotencyKeys = new IdempotencyKeys(runtime.spec().idempotencySeed());
  }

  /**
   * Works until nothing is left to claim or the run is stopped, and everything of its own is
   * durable.
   *
   * @throws InterruptedException when the task is to end at once
   */
  public void run() throws InterruptedException {
    boolean finished = false;
    boolean urgent = false;
    try {
      while (true) {
        refuseAfterFailure();
        ClaimAnswer answer = claim();
        if (answer.granted().isPresent()) {
          work(answer.granted().get());
          awaitOpenSplits(MAX_OPEN_SPLITS);
        } else if (answer == ClaimAnswer.Nothing.FINISHED) {
          break;
        }
      }
      awaitOpenSplits(1);
      finished = true;
    } catch (InterruptedException e) {
      // A run that is being stopped has waited for its answers already.
      urgent = runtime.quota().isStopped();
      throw e;
    } finally {
      if (!finished && !urgent) {
        awaitRowsUnderWay();
      }
      if (!finished || !isIdle()) {
        giveBack();
      }
    }
    refuseAfterFailure();
  }

  /** Asks for a split. The driver lets the question wait until there is one. */
  private ClaimAnswer claim() throws InterruptedException {
    CompletableFuture<ClaimAnswer> asked = runtime.driver().claim(name).toCompletableFuture();
    claim = asked;
    CompletableFuture<ClaimAnswer> unused =
        asked.whenComplete((granted, failure) -> changed.release());
    while (!asked.isDone()) {
      refuseAfterFailure();
      awaitChange();
    }
    claim = null;
    return asked.join();
  }

  /** Messages may overtake each other: a split that is granted behind the release is released. */
  private void giveBackWhatStillComes() {
    CompletableFuture<ClaimAnswer> asked = claim;
    if (asked != null) {
      CompletableFuture<Void> unused =
          asked.thenAccept(
              granted -> {
                if (granted.granted().isPresent()) {
                  runtime.driver().giveBack(name);
                }
              });
    }
  }

  /**
   * Waits for the rows that are in the channel: given back earlier, their splits would send them a
   * second time. What can no longer be sent is not waited for.
   */
  private void awaitRowsUnderWay() {
    while (underWay.get() > 0 && runtime.failure() == null) {
      boolean nothingMoves = runtime.quota().inFlight() == 0;
      if (nothingMoves && !runtime.quota().maySend()) {
        runtime.quota().halt();
      }
      if (nothingMoves && runtime.quota().isStopped()) {
        return;
      }
      runtime.time().pauseUninterruptibly(LOOK_AGAIN);
    }
  }

  /** Gives the splits back, with what was settled of them. */
  private void giveBack() {
    try {
      runtime.journal().flush().toCompletableFuture().join();
    } catch (CompletionException e) {
      // What cannot be flushed is this process's failure by now, and told as that.
      runtime.broke(e);
    } finally {
      try {
        runtime.driver().release(name);
        giveBackWhatStillComes();
      } catch (Throwable thrown) {
        // The driver takes them for this process's as long as it hears of this process. What its
        // other workers have under way is paid for.
        runtime.drain();
        runtime.broke(thrown);
      }
    }
  }

  private void refuseAfterFailure() {
    Throwable failure = runtime.failure();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private boolean isIdle() {
    return openSplits.get() == 0;
  }

  /** Waits until fewer than that many splits are open, or until the run is stopped and drained. */
  private void awaitOpenSplits(int fewerThan) throws InterruptedException {
    while (true) {
      if (openSplits.get() < fewerThan) {
        return;
      }
      if (runtime.quota().isStopped() && runtime.quota().inFlight() == 0) {
        runtime.channel().settleRepaired();
      }
      boolean drained =
          runtime.quota().isStopped() && runtime.quota().inFlight() == 0 && publishing.get() == 0;
      if (drained || runtime.failure() != null) {
        return;
      }
      awaitChange();
    }
  }

  private void awaitChange() throws InterruptedException {
    RowSettler settler = runtime.settler();
    if (settler.hasSetAside() && !runtime.quota().isStopped()) {
      boolean nothingElseUnderWay = runtime.window().rows() == 0 && runtime.quota().isReported();
      if (runtime.quota().hasSucceeded() || nothingElseUnderWay) {
        settler.settleSetAside();
      }
    }
    if (changed.tryAcquire(LOOK_AGAIN.toNanos(), TimeUnit.NANOSECONDS)) {
      changed.drainPermits();
    }
  }

  private void work(SplitClaim claimed) throws InterruptedException {
    Split split = runtime.plan().splits().get(claimed.split());
    JobFolder folder = runtime.folder();
    Replay replay = Replay.of(folder.store(), folder.segments(), split.index(), claimed.segments());
    SplitProgress progress = new SplitProgress(split, finishing(split, claimed, replay));
    progress.watchedBy(runtime.watchRows(split.index(), progress::movement));
    openSplits.incrementAndGet();
    RowsToSend rows =
        RowsToSend.of(
            folder, runtime.plan().splits().size(), runtime.keys(), split, claimed, replay);
    RowFates fates =
        new RowFates(
            read ->
                runtime
                    .transcriptions()
                    .check(parser.parse(read.bytes(), read.start(), read.length())),
            runtime.spec().tooLong(),
            runtime.folder().duplicateLines(split.unit()),
            split.unitLine(),
            rows.blamed(),
            claimed
                .closing()
                .map(code -> closingOutcome(code, claimed.reopened().isPresent()))
                .orElse(null));
    if (read(split, progress, rows, fates)) {
      progress.done();
    }
  }

  private static Unanswered closingOutcome(ErrorCode code, boolean again) {
    String why =
        switch (code) {
          case BATCH_EXPIRED -> "the job's time ran out";
          case BATCH_CANCELLED -> "the job was cancelled";
          default -> "the job was ended";
        };
    return new Unanswered(
        code,
        again
            ? "This request was to be executed again, but " + why + " before."
            : "This request was not executed before " + why + ".",
        null);
  }

  /** Reads a split's rows into the channel; false when the run was stopped on the way. */
  private boolean read(Split split, SplitProgress progress, RowsToSend rows, RowFates fates)
      throws InterruptedException {
    try (LineReader lines =
        new LineReader(
            runtime.folder().store().open(split.path(), split.start()),
            split.start(),
            runtime.spec().maxLineBytes())) {
      for (int line = 0; line < split.lines(); line++) {
        if (rows.alone() && !rows.settled().get(line)) {
          runtime.driver().trying(split.index(), line);
        }
        if (!lines.next()) {
          throw new BatchException(
              ErrorCode.INVALID_INPUT,
              "\"%s\" ended before byte %d: the input was changed while the job ran."
                  .formatted(split.path(), split.end()));
        }
        if (rows.settled().get(line) || lines.isBlank()) {
          continue;
        }
        awaitRoomInJournal();
        if (!meet(fates.of(line, lines), progress, line, rows)) {
          return false;
        }
        if (rows.alone()) {
          awaitDurable(progress);
        }
      }
      return true;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }

  /** Sends or settles a row; false when the run was stopped instead. */
  private boolean meet(RowFate fate, SplitProgress progress, int line, RowsToSend rows)
      throws InterruptedException {
    if (fate instanceof RowFate.Sent sent) {
      return send(progress, line, sent.request(), rows);
    }
    if (fate instanceof RowFate.Unsent unsent) {
      runtime.settler().settleUnsent(progress, line, unsent.customId(), unsent.outcome());
    } else if (fate instanceof RowFate.Blamed blamed) {
      runtime.settler().settleCrashed(progress, line, blamed.customId());
    }
    return true;
  }

  private boolean send(SplitProgress progress, int line, Request request, RowsToSend rows)
      throws InterruptedException {
    AnswerMemory.Answer answer = runtime.memory().expect();
    Entity entity = runtime.transcriptions().entity(request);
    long bytes = request.body().length + entity.bytes() + ROW_OVERHEAD;
    OutboundRequest outbound =
        new OutboundRequest(
            request.path(),
            entity,
            idempotencyKeys.headers(progress.split().row(line), rows.roundOf(line)),
            request.model(),
            TokenGuess.of(request),
            answer);
    if (runtime.quota().isStopped() || !runtime.window().enter(bytes)) {
      refuseAfterFailure();
      return false;
    }
    progress.rowOpened();
    underWay.incrementAndGet();
    CompletionStage<Settlement> unused;
    try {
      unused =
          runtime
              .channel()
              .send(outbound)
              .whenComplete(
                  (settlement, failure) -> {
                    try {
                      if (settlement == null) {
                        runtime.broke(failure);
                      } else {
                        RowEnd end = runtime.classifier().end(settlement);
                        runtime.settler().settle(progress, line, request.customId(), end);
                      }
                    } catch (Throwable thrown) {
                      runtime.broke(thrown);
                    } finally {
                      leave(answer, settlement, bytes);
                    }
                    if (rows.alone()) {
                      changed.release();
                    }
                  });
    } catch (Throwable thrown) {
      // Whether it is on its way nobody knows, so nobody waits for it.
      runtime.broke(thrown);
      throw thrown;
    }
    return true;
  }

  private void leave(AnswerMemory.Answer answer, @Nullable Settlement settlement, long bytes) {
    underWay.decrementAndGet();
    try {
      answer.over(answerBytes(settlement));
    } finally {
      runtime.window().leave(bytes);
    }
  }

  private static long answerBytes(@Nullable Settlement settlement) {
    @Nullable Reply reply = settlement == null ? null : settlement.last().reply();
    return reply == null ? 0 : reply.body().length;
  }

  /** Waits while too much is settled that is not durable yet. */
  private void awaitRoomInJournal() throws InterruptedException {
    long most = Math.min(MAX_UNFLUSHED, WorkerRuntime.memoryShare() / 2);
    while (runtime.journal().unflushedBytes() > most) {
      refuseAfterFailure();
      awaitChange();
    }
  }

  /** Waits until everything read of a split that runs alone can no longer be to blame. */
  private void awaitDurable(SplitProgress progress) throws InterruptedException {
    while (!progress.isSettledSoFar() && !runtime.quota().isStopped()) {
      refuseAfterFailure();
      awaitChange();
    }
    runtime.journal().flush().toCompletableFuture().join();
  }

  private Runnable finishing(Split split, SplitClaim claimed, Replay replay) {
    return () -> {
      publishing.incrementAndGet();
      runtime.finish(
          () -> {
            try (Watchdog.Watch watch = runtime.watchPublishing(split.index())) {
              publish(split, claimed, replay);
            }
          });
    };
  }

  private void publish(Split split, SplitClaim claimed, Replay replay) {
    runtime.journal().flush().toCompletableFuture().join();
    // A split that comes back to its own process has its ranges in both lists.
    Set<SegmentRange> ranges = new LinkedHashSet<>(replay.ranges());
    ranges.addAll(runtime.journal().ranges(split.index()));
    PartPublisher publisher =
        new PartPublisher(
            runtime.folder(), runtime.keys(), runtime.plan().splits().size(), runtime.assembler());
    Prepared prepared = publisher.prepare(split, List.copyOf(ranges), claimed.reopened(), name);
    boolean accepted = false;
    if (runtime.driver().mayCommit(split.index())) {
      Assembled assembled = publisher.publish(prepared);
      accepted = runtime.driver().committed(split.index(), assembled.counts());
    }
    runtime.journal().forget(split.index());
    if (accepted) {
      runtime.journal().published(split.index());
    }
    publishing.decrementAndGet();
    openSplits.decrementAndGet();
    changed.release();
  }
}
