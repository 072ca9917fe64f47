package io.batchinfer.engine.lead;

import io.batchinfer.remote.FetchOrder;
import io.batchinfer.remote.RemoteBatch;
import io.batchinfer.remote.RemoteBatch.Problem;
import java.time.Duration;
import java.util.List;

/**
 * What is to be read of a batch that is over, and what is said of rows that have no answer in it.
 */
final class FetchOrders {
  /** How often files without a line for each row are read before that is believed. */
  private static final int READS_BEFORE_BELIEVED = 2;

  private FetchOrders() {}

  /**
   * Of one that ran.
   *
   * @param lag how far the provider's files may be behind what it did
   * @param now in nanoseconds of the run's time
   */
  static FetchOrder ofEnded(BatchOnItsWay batch, RemoteBatch seen, Duration lag, long now) {
    boolean whole = seen.status().equalsIgnoreCase("completed") || seen.status().equals("SUCCESS");
    // Rows of a batch that ended early may be in no file; in one that did not, all should be.
    boolean read =
        batch.troubles >= READS_BEFORE_BELIEVED && now - batch.endedAt(now) >= lag.toNanos();
    return new FetchOrder(
        seen.files(),
        read ? 0 : seen.counts().done(),
        whole && !read ? "" : whole ? "batch_row_missing" : wordOf(seen.status()),
        "The batch ended as %s without a line for this request.".formatted(seen.status()),
        List.of(),
        List.of());
  }

  private static String wordOf(String status) {
    return switch (status) {
      case "cancelled", "CANCELLED" -> "batch_cancelled";
      case "expired", "TIMEOUT_EXCEEDED" -> "batch_expired";
      default -> "batch_row_missing";
    };
  }

  /**
   * Of one that the provider did not take.
   *
   * @param ofLines what is wrong with which of its lines
   */
  static FetchOrder ofRefused(List<Problem> ofLines) {
    return new FetchOrder(
        List.of(),
        0,
        "batch_refused",
        "The batch was not taken for other requests in it.",
        ofLines.stream().map(problem -> problem.line().orElseThrow()).toList(),
        ofLines.stream().map(Problem::message).toList());
  }
}
