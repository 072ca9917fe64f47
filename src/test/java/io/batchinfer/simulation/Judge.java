package io.batchinfer.simulation;

import java.util.List;
import java.util.Optional;

/** What came of a run, by the endpoints' own log. Times are virtual seconds. */
final class Judge {
  private static final int RECOVERY_WINDOW = 5;

  private final Scenario scenario;
  private final AttemptLog log;
  private final RowSource source;
  private final List<SimulatedExecutor> executors;
  private final Optional<String> stopReason;
  private final double stoppedAt;

  Judge(
      Scenario scenario,
      AttemptLog log,
      RowSource source,
      List<SimulatedExecutor> executors,
      ProductParts.Driver driver,
      double stoppedAt) {
    this.scenario = scenario;
    this.log = log;
    this.source = source;
    this.executors = List.copyOf(executors);
    this.stopReason = driver.stopReason();
    this.stoppedAt = stoppedAt;
  }

  int rows() {
    return source.handedOut();
  }

  /** Rows handed out that ended neither as an answer nor as an error. */
  int lost() {
    return source.handedOut() - source.settled();
  }

  int failed() {
    return source.failed();
  }

  /** Rows that ended as the cause of outages. */
  int blamed() {
    return source.blamed();
  }

  /** How often an endpoint died of a row. */
  int kills() {
    return log.kills();
  }

  int settledTwice() {
    return source.settledTwice();
  }

  /**
   * Rows whose work began more often than once, one unclear resend or one for each outage that took
   * it along, and the losses of processes.
   */
  int workedOnTooOften() {
    int rows = 0;
    for (int row = 0; row < source.rows(); row++) {
      int allowed =
          1
              + Math.max(ProductParts.AMBIGUOUS_RESENDS, log.timesTakenAlong(row))
              + source.reissues(row);
      rows += log.timesExecuted(row) > allowed ? 1 : 0;
    }
    return rows;
  }

  /** Work that began on rows again. */
  int workedOnAgain() {
    int sum = 0;
    for (int row = 0; row < source.rows(); row++) {
      sum += Math.max(0, log.timesExecuted(row) - 1);
    }
    return sum;
  }

  /** Most requests that one row cost. */
  int mostRequestsOfARow() {
    int most = 0;
    for (int row = 0; row < source.rows(); row++) {
      most = Math.max(most, log.timesReceived(row));
    }
    return most;
  }

  long received(int from, int to) {
    return log.received(from, to);
  }

  double answersPerSecond(int from, int to) {
    return (double) log.answered(from, to) / (to - from);
  }

  double tokensPerMinute(int from, int to) {
    return 60.0 * log.answeredTokens(from, to) / (to - from);
  }

  double refusedPercent(int from, int to) {
    long received = log.received(from, to);
    return received == 0 ? 0 : 100.0 * log.refused(from, to) / received;
  }

  double refusedPercent() {
    return refusedPercent(0, Integer.MAX_VALUE);
  }

  long busiestSecond() {
    return log.busiestSecond();
  }

  long busiestMinute() {
    return log.busiestMinute();
  }

  long busiestMinuteOfTokens() {
    return log.busiestMinuteOfTokens(scenario.endpoints.get(0).charge);
  }

  /** Of the configured requests a minute, from the first request to the last answer. */
  double shareOfTheRateInAll() {
    double seconds = (double) (log.lastAnsweredAt() - log.firstReceivedAt()) / SimulatedTime.SECOND;
    return log.answered(0, Integer.MAX_VALUE) / seconds / (scenario.requestsPerMinute / 60.0);
  }

  double lastAnswerSecond() {
    return (double) log.lastAnsweredAt() / SimulatedTime.SECOND;
  }

  int mostInFlight() {
    return log.mostInFlight();
  }

  /** Seconds from then until five seconds in a row reach that many answers a second. */
  double recoverySeconds(int from, double answersPerSecond) {
    for (int second = from; second + RECOVERY_WINDOW <= scenario.seconds; second++) {
      if (answersPerSecond(second, second + RECOVERY_WINDOW) >= answersPerSecond) {
        return second - from;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** The fewest answers of an executor over the most. */
  double fairness() {
    int fewest = executors.stream().mapToInt(SimulatedExecutor::answered).min().orElse(0);
    int most = executors.stream().mapToInt(SimulatedExecutor::answered).max().orElse(0);
    return most == 0 ? 0 : (double) fewest / most;
  }

  double lastWriteSecond(int executor) {
    return (double) executors.get(executor).lastWriteAt() / SimulatedTime.SECOND;
  }

  Optional<String> stopReason() {
    return stopReason;
  }

  double stoppedAt() {
    return stoppedAt;
  }

  /** The second after which no request came any more. */
  int silentFrom() {
    int last = 0;
    for (int second = 0; second < scenario.seconds; second++) {
      last = log.received(second, second + 1) > 0 ? second + 1 : last;
    }
    return last;
  }
}
