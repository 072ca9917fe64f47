package io.batchinfer.report;

import io.batchinfer.model.JobRecord;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a job is and how fast its run goes.
 *
 * @param total rows of the job
 * @param settled rows settled, earlier runs included
 * @param perSecond rows that this run settles a second; 0 while that is unknown
 */
record Pace(long total, long settled, double perSecond) {
  private static final double EXACT_BELOW = 10;

  /** Where a record says that its job is. */
  static Pace of(JobRecord job) {
    return new Pace(job.totalRequests(), job.counts().settled(), job.requestsPerSecond());
  }

  /** {@code 326 of 3,600 (9 %)}. Only a whole job is at 100 %. */
  String position() {
    return String.format(Locale.ROOT, "%,d of %,d (%d %%)", settled, total, percent());
  }

  /** Whole percent, rounded down. */
  int percent() {
    return total == 0 ? 0 : (int) (settled * 100.0 / total);
  }

  /** {@code 33/s}, with a decimal where it is slow. */
  String rate() {
    return String.format(Locale.ROOT, perSecond < EXACT_BELOW ? "%.1f/s" : "%,.0f/s", perSecond);
  }

  /** Time until all rows are settled at this rate; empty where there is no telling. */
  Optional<Duration> left() {
    long open = total - settled;
    return perSecond > 0 && open > 0
        ? Optional.of(Duration.ofSeconds((long) Math.ceil(open / perSecond)))
        : Optional.empty();
  }

  /** {@code 1 min 39 s left}; empty where there is no telling. */
  Optional<String> timeLeft() {
    return left().map(time -> words(time) + " left");
  }

  private static String words(Duration time) {
    if (time.toDays() > 0) {
      return time.toDays() + " d " + time.toHoursPart() + " h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    return time.toMinutes() > 0
        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
        : time.toSeconds() + " s";
  }
}
