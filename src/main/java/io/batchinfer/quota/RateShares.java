package io.batchinfer.quota;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who gets the next row of the rate, among the processes whose questions are open: first the group
 * that has received the least for its weight, within it the run that has, and within that the
 * process that was served the fewest. Each row has its own moment of the timetable. Not
 * thread-safe.
 */
final class RateShares implements Iterable<OpenQuestion> {
  private static final int MOST_ROWS = 256;

  /** What one that is late for its turn may catch up on. */
  private static final Duration MOST_LAG = Duration.ofSeconds(2);

  private final RatePacer pacer;
  private final RunTurns turns;
  private final Map<ProcessView, OpenQuestion> open = new LinkedHashMap<>();

  RateShares(RatePacer pacer, RunTurns turns) {
    this.pacer = pacer;
    this.turns = turns;
  }

  void add(OpenQuestion question) {
    open.put(question.process(), question);
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** In the order in which they were asked. */
  @Override
  public Iterator<OpenQuestion> iterator() {
    return open.values().iterator();
  }

  /** Forgets the questions of a run's processes, which nobody waits for any more. */
  void forget(QuotaAuthority run) {
    open.values().removeIf(question -> question.run() == run);
  }

  /** Takes away the question of a process, if it has one. */
  Optional<OpenQuestion> withdraw(ProcessView process) {
    return Optional.ofNullable(open.remove(process));
  }

  /** Takes all away. */
  List<OpenQuestion> removeAll() {
    List<OpenQuestion> all = List.copyOf(open.values());
    open.clear();
    return all;
  }

  /**
   * Sets how many rows a question may have: a share of those in the stretch of time that it looks
   * ahead, so that the others have theirs.
   *
   * @param processes how many share the rate
   */
  void setShare(OpenQuestion question, int processes) {
    int rows = pacer.rowsIn(Duration.ofNanos(question.aheadNanos()), question.meanCost());
    int share = rows / Math.max(1, processes) + 1;
    question.limitTo(Math.min(question.request().wanted().rows(), Math.min(share, MOST_ROWS)));
  }

  /** Gives out all rows whose moments are near enough. */
  void giveOut(long now) {
    if (pacer.isUnlimited()) {
      return;
    }
    long ahead = aheadNanos();
    while (true) {
      long start = pacer.next(now);
      OpenQuestion next = null;
      for (OpenQuestion question : open.values()) {
        boolean mayTake =
            question.mayHaveAnother()
                && question.earliest(start, now) <= now + ahead
                && fits(question, now);
        if (mayTake && (next == null || comesBefore(question, next))) {
          next = question;
        }
      }
      if (next == null) {
        return;
      }
      long moment = next.earliest(start, now);
      pacer.take(next.costOfNext(), moment);
      next.take(moment);
      turns.take(next.run(), credit(next));
    }
  }

  /** When the next row is near enough to be given out. */
  long nextAt(long now) {
    return pacer.next(now) - aheadNanos();
  }

  /** The same for all, or whoever is farthest away would always be the first to be served. */
  private long aheadNanos() {
    long longest = 0;
    for (OpenQuestion question : open.values()) {
      longest = Math.max(longest, question.aheadNanos());
    }
    return longest;
  }

  /** A row above a whole minute's tokens goes when all are saved up and nobody else wants any. */
  private boolean fits(OpenQuestion question, long now) {
    return !pacer.isOversized(question.costOfNext()) || (pacer.isFull(now) && isAlone(question));
  }

  private boolean isAlone(OpenQuestion question) {
    for (OpenQuestion other : open.values()) {
      if (other != question && other.mayHaveRows() && !pacer.isOversized(other.costOfNext())) {
        return false;
      }
    }
    return true;
  }

  private boolean comesBefore(OpenQuestion one, OpenQuestion other) {
    double ofOne = credit(one);
    double ofOther = credit(other);
    int order =
        Double.compare(
            turns.positionOfGroup(one.run(), ofOne), turns.positionOfGroup(other.run(), ofOther));
    if (order == 0) {
      order =
          Double.compare(
              turns.positionInGroup(one.run(), ofOne), turns.positionInGroup(other.run(), ofOther));
    }
    return order == 0 ? one.process().served() < other.process().served() : order < 0;
  }

  private double credit(OpenQuestion question) {
    return pacer.rowsIn(MOST_LAG, question.meanCost());
  }
}
