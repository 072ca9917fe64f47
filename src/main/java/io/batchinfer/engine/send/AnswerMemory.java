package io.batchinfer.engine.send;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Says how many answers the memory of this process has room for. Every request under way is counted
 * with the usual size of an answer, or with its own as soon as that is known and larger; and what
 * is settled but not durable yet counts too. Thread-safe; what it calls must take no lock for long.
 */
final class AnswerMemory implements IntUnaryOperator {
  /** The answer as it came, and the line that is made of it. */
  private static final long COPIES = 2;

  private final LongSupplier limit;
  private final LongSupplier requests;
  private final LongSupplier unflushed;
  private final Consumer<String> notice;
  private final AnswerSizes sizes = new AnswerSizes();
  private final AtomicLong beyondUsual = new AtomicLong();
  private final AtomicBoolean told = new AtomicBoolean();

  /**
   * @param limit bytes for requests and answers of the run together
   * @param requests bytes that requests take, of which at most half the limit count
   * @param unflushed bytes that are settled and not durable yet
   * @param notice is told once that memory keeps the process from having more under way
   */
  AnswerMemory(
      LongSupplier limit, LongSupplier requests, LongSupplier unflushed, Consumer<String> notice) {
    this.limit = limit;
    this.requests = requests;
    this.unflushed = unflushed;
    this.notice = notice;
  }

  /** The answer to one row, whose size becomes known while it comes. */
  final class Answer implements LongConsumer {
    private long beyond;
    private boolean over;

    private Answer() {}

    @Override
    public synchronized void accept(long bytes) {
      sizes.announced(bytes);
      long more = COPIES * Math.max(0, bytes - sizes.usual()) - beyond;
      if (more > 0 && !over) {
        beyond += more;
        beyondUsual.addAndGet(more);
      }
    }

    /**
     * The row is settled, or will not be.
     *
     * @param bytes size of its whole answer, or 0 where it has none
     */
    synchronized void over(long bytes) {
      if (!over) {
        over = true;
        beyondUsual.addAndGet(-beyond);
        if (bytes > 0) {
          sizes.add(bytes);
        }
      }
    }
  }

  Answer expect() {
    return new Answer();
  }

  /** Bytes that answers take while so many requests are under way. */
  long held(int underWay) {
    return underWay * COPIES * sizes.usual() + beyondUsual.get() + unflushed.getAsLong();
  }

  /**
   * How many more requests may go out while so many are under way: one at least while there is
   * none.
   */
  @Override
  public int applyAsInt(int underWay) {
    long all = limit.getAsLong();
    long free = all - Math.min(all / 2, requests.getAsLong()) - held(underWay);
    long room = Math.max(underWay == 0 ? 1 : 0, free / (COPIES * sizes.usual()));
    return (int) Math.min(Integer.MAX_VALUE, room);
  }

  /** Says once what it means to the user that memory, and no limit, holds requests back. */
  void tellShortage(int underWay, int slots) {
    if (!told.getAndSet(true)) {
      notice.accept(
          "Answers of about %s: a heap of %s holds %d at once, so %d of %d slots stay free. More memory (--driver-memory where it runs locally, otherwise --executor-memory) fills them."
              .formatted(
                  size(sizes.usual()),
                  size(Runtime.getRuntime().maxMemory()),
                  Math.max(1, underWay),
                  Math.max(0, slots - underWay),
                  slots));
    }
  }

  private static String size(long bytes) {
    return bytes < 1 << 20 ? (bytes >> 10) + " KB" : (bytes >> 20) + " MB";
  }
}
