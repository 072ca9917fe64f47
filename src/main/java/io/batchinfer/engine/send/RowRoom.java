package io.batchinfer.engine.send;

import io.batchinfer.journal.JournalWriter;
import io.batchinfer.quota.QuotaSession;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a process has room for: rows between reading and settling, the answers to those under way,
 * and lines that are settled and not durable yet. All of them live of one share of the heap, of
 * which answers take what they need and leave half to the rows. Thread-safe.
 */
final class RowRoom {
  /** Settled rows that may wait for the journal, in bytes. */
  private static final long MAX_UNFLUSHED = 64L << 20;

  private final LongSupplier share;
  private final QuotaSession quota;
  private final JournalWriter journal;
  private final RowWindow window;
  private final AnswerMemory memory;

  /**
   * @param share bytes for rows and answers together
   * @param configured requests that may be under way in all processes together, 0 when nobody knows
   * @param timesAsMany how many rows are read for one that one might do with
   * @param notice is told once that memory keeps the process from having more under way
   */
  RowRoom(
      LongSupplier share,
      QuotaSession quota,
      JournalWriter journal,
      int configured,
      int timesAsMany,
      Consumer<String> notice) {
    this.share = share;
    this.quota = quota;
    this.journal = journal;
    this.window =
        new RowWindow(
            new ReadAhead(quota::slots, quota::hasSucceeded, configured, timesAsMany),
            this::requestBytes);
    quota.onMoreSlots(window::grown);
    this.memory = new AnswerMemory(share, window::bytes, journal::unflushedBytes, notice);
    quota.boundBy(memory, underWay -> memory.tellShortage(underWay, quota.slots()));
    journal.onFlush(quota::memoryIsFreed);
  }

  /** Bytes that requests may take: what answers leave, and half of the share at least. */
  private long requestBytes() {
    long bytes = share.getAsLong();
    return bytes - Math.min(bytes / 2, memory.held(quota.inFlight()));
  }

  /** The answer to a request that is about to be sent. */
  AnswerMemory.Answer expect() {
    return memory.expect();
  }

  /**
   * Waits for room for rows that go together; false when nothing may be let in any more. What is
   * larger than all is let in alone.
   *
   * @param bytes of all of them
   */
  boolean enter(int rows, long bytes) throws InterruptedException {
    return window.enter(rows, bytes);
  }

  /** Gives a row's room back. */
  void leave(long bytes) {
    window.leave(bytes);
  }

  /** Bytes that are settled and not durable yet. */
  long unflushedBytes() {
    return journal.unflushedBytes();
  }

  /** Whether too much is settled that is not durable yet. */
  boolean isJournalFull() {
    return unflushedBytes() > Math.min(MAX_UNFLUSHED, share.getAsLong() / 2);
  }

  /** Rows that are in. */
  int rows() {
    return window.rows();
  }

  /** Bytes of the rows that are in. */
  long bytes() {
    return window.bytes();
  }

  /** Lets nothing in any more. */
  void close() {
    window.close();
  }
}
