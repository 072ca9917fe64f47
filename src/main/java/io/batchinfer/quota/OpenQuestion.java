package io.batchinfer.quota;

import io.batchinfer.quota.QuotaReply.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A process whose question is open, and the rows of the rate that it has so far. Not thread-safe.
 */
final class OpenQuestion {
  /** How far ahead rows are given out, beside twice the round trip. */
  private static final Duration AHEAD = Duration.ofMillis(100);

  private static final Duration LONGEST_ROUND_TRIP = Duration.ofSeconds(1);

  private final ProcessView process;
  private final QuotaRequest request;
  private final long since;
  private final CompletableFuture<QuotaReply> answer = new CompletableFuture<>();
  private final List<Long> starts = new ArrayList<>();
  private final List<Long> tokens = new ArrayList<>();
  private int mostRows;

  /**
   * @param since when it was asked
   */
  OpenQuestion(ProcessView process, QuotaRequest request, long since) {
    this.process = process;
    this.request = request;
    this.since = since;
  }

  /** One whose run has left: what it would grant, nobody would count. */
  static OpenQuestion tooLate(ProcessView process, QuotaRequest request, long now) {
    OpenQuestion question = new OpenQuestion(process, request, now);
    question.answer.complete(QuotaReply.STOPPED);
    return question;
  }

  /** One that comes after a later one of its process. */
  static OpenQuestion overtaken(ProcessView process, QuotaRequest request, long now) {
    OpenQuestion question = new OpenQuestion(process, request, now);
    question.overtake();
    return question;
  }

  /** Fails it: its process has asked again and waits for the answer to that. */
  void overtake() {
    answer.completeExceptionally(
        new IllegalStateException("a later question of the same process has come"));
  }

  ProcessView process() {
    return process;
  }

  QuotaAuthority run() {
    return process.run();
  }

  QuotaRequest request() {
    return request;
  }

  long since() {
    return since;
  }

  /** Completed once, without any lock. */
  CompletableFuture<QuotaReply> answer() {
    return answer;
  }

  /** How long before its moment the process may be given a row. */
  long aheadNanos() {
    return AHEAD.toNanos() + 2 * roundTripNanos();
  }

  private long roundTripNanos() {
    return Math.min(request.wanted().roundTripNanos(), LONGEST_ROUND_TRIP.toNanos());
  }

  /** The earliest moment of use: not before the answer has arrived, or its permit has lapsed. */
  long earliest(long start, long now) {
    return Math.max(start, now + roundTripNanos() + roundTripNanos() / 4);
  }

  /** What its rows cost in the mean, 0 while costs are not counted. */
  long meanCost() {
    long[] costs = request.wanted().costs();
    long sum = 0;
    for (long cost : costs) {
      sum += cost;
    }
    return costs.length == 0 ? 0 : sum / costs.length;
  }

  /** What the row costs that it would have next. */
  long costOfNext() {
    long[] costs = request.wanted().costs();
    int index = Math.min(starts.size(), costs.length - 1);
    return index < 0 ? 0 : costs[index];
  }

  /** Gives it no more than so many rows in all, which leaves the others theirs. */
  void limitTo(int rows) {
    mostRows = rows;
  }

  /** Whether it may have any rows at all. */
  boolean mayHaveRows() {
    return mostRows > 0;
  }

  /** Whether it may have another row. */
  boolean mayHaveAnother() {
    return starts.size() < mostRows;
  }

  boolean hasRows() {
    return !starts.isEmpty();
  }

  /** Gives it its next row, to be sent from that moment on. */
  void take(long start) {
    long cost = costOfNext();
    starts.add(start);
    tokens.add(cost);
    process.grantRow(cost);
  }

  /** Its rows, with their moments counted from now. */
  Rows rows(long now) {
    return new Rows(
        starts.stream().mapToLong(start -> start - now).toArray(),
        tokens.stream().mapToLong(Long::longValue).toArray());
  }
}
