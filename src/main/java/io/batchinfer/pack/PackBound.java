package io.batchinfer.pack;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.Consumer;

/**
 * How many rows a request may hold: what the user allows, and what the endpoint has shown to take.
 * Thread-safe.
 */
final class PackBound {
  /** As long as no answer has shown how large answers are. */
  private static final int AT_FIRST = 64;

  /** Packs that were answered in halves, before that is taken for a limit of the endpoint. */
  private static final int EVIDENCE = 3;

  private final int configured;
  private final long mostAnswerBytes;
  private final Consumer<String> notice;

  @GuardedBy("this")
  private int allowed;

  @GuardedBy("this")
  private int refused;

  private volatile long bytesPerRow;
  private volatile int rows;

  /**
   * @param configured what the user allows
   * @param mostAnswerBytes what the answer to one request should not exceed
   * @param notice hears what the user should know
   */
  PackBound(int configured, long mostAnswerBytes, Consumer<String> notice) {
    this.configured = configured;
    this.mostAnswerBytes = mostAnswerBytes;
    this.notice = notice;
    this.allowed = configured;
    this.rows = Math.min(configured, AT_FIRST);
  }

  /** Rows that the next request may hold, 1 at least. Cheap. */
  int rows() {
    return rows;
  }

  /** Takes in that a request was answered. */
  synchronized void answered(int held, long answerBytes) {
    bytesPerRow = Math.max(bytesPerRow, answerBytes / held);
    if (held >= rows) {
      refused = 0;
    }
    count();
  }

  /**
   * Takes in that a request was refused, both of whose halves were answered: no row was at fault,
   * so it was their number or their size.
   *
   * @param half rows of the larger half
   */
  synchronized void answeredInHalves(int held, int half) {
    if (half >= allowed || ++refused < EVIDENCE) {
      return;
    }
    refused = 0;
    allowed = half;
    count();
    notice.accept(
        "The endpoint refuses requests of %d inputs and answers the same inputs in requests of %d; from now on no request here has more. --embed-batch %d spares the refusals."
            .formatted(held, half, half));
  }

  /** Takes in that nobody knows which item of an answer is whose: each row goes alone from now. */
  synchronized void unmatched(String words) {
    if (allowed > 1) {
      allowed = 1;
      count();
      notice.accept(
          words
              + " From now on every row here goes in a request of its own; leave --embed-batch out for this endpoint, and send the failed rows again with --retry-failed.");
    }
  }

  @GuardedBy("this")
  private void count() {
    long fit = bytesPerRow == 0 ? AT_FIRST : mostAnswerBytes / bytesPerRow;
    rows = (int) Math.max(1, Math.min(Math.min(configured, allowed), fit));
  }
}
