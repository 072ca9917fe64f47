package io.batchinfer.engine.send;

import io.batchinfer.client.RetryingChannel;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntSupplier;

/**
 * How a process ends what it has under way: nothing new goes out, answers are waited for and made
 * durable, since they are paid for. Thread-safe.
 */
final class Drain {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);
  private static final Duration BETWEEN_LOOKS_AT_ROWS = Duration.ofMillis(100);

  private final QuotaSession quota;
  private final RetryingChannel channel;
  private final RowRoom room;
  private final JournalWriter journal;
  private final ProcessFailure failure;
  private final SystemTime time;
  private final Elapsed elapsed;
  private volatile boolean begun;

  Drain(
      QuotaSession quota,
      RetryingChannel channel,
      RowRoom room,
      JournalWriter journal,
      ProcessFailure failure,
      SystemTime time,
      Elapsed elapsed) {
    this.quota = quota;
    this.channel = channel;
    this.room = room;
    this.journal = journal;
    this.failure = failure;
    this.time = time;
    this.elapsed = elapsed;
  }

  /**
   * Lets nothing new out, waits as long as the fence for the answers under way and makes them
   * durable.
   */
  void drain() {
    begun = true;
    stop();
    Elapsed.Mark since = elapsed.mark();
    while (quota.inFlight() > 0
        && failure.cause() == null
        && elapsed.since(since).compareTo(OwnershipTiming.DEFAULT.fence()) < 0) {
      time.pauseUninterruptibly(BETWEEN_LOOKS);
    }
    if (quota.inFlight() == 0) {
      channel.settleRepaired();
    }
    CompletableFuture<Void> durable = journal.flush().toCompletableFuture();
    durable.exceptionally(e -> null).join();
  }

  /**
   * Makes durable what is settled.
   *
   * @throws CompletionException of what keeps it from being so
   */
  void flush() {
    journal.flush().toCompletableFuture().join();
  }

  /** Drains what nobody waited for. */
  void drainRest() {
    if (begun || (quota.inFlight() > 0 && !quota.isStopped())) {
      drain();
    }
  }

  /** Lets nothing new out, and wakes who waits for room. */
  void stop() {
    // In this order: who waits for room is woken whatever the other does.
    room.close();
    quota.halt();
  }

  /** Whether nothing is let out any more. */
  boolean isStopped() {
    return quota.isStopped();
  }

  /** Whether nothing is let out any more and nothing is under way. */
  boolean isDry() {
    return quota.isStopped() && quota.inFlight() == 0;
  }

  /** Settles what would be asked again, once nothing can be. */
  void settleRest() {
    if (isDry()) {
      channel.settleRepaired();
    }
  }

  /**
   * Waits for rows that are in the channel, of which there are so many: given back earlier, their
   * splits would send them a second time. What can no longer be sent is not waited for.
   */
  void awaitRows(IntSupplier underWay) {
    while (underWay.getAsInt() > 0 && failure.cause() == null) {
      boolean nothingMoves = quota.inFlight() == 0;
      if (nothingMoves && !quota.maySend()) {
        quota.halt();
      }
      if (nothingMoves && quota.isStopped()) {
        return;
      }
      time.pauseUninterruptibly(BETWEEN_LOOKS_AT_ROWS);
    }
  }
}
