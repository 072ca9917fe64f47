package io.batchinfer.simulation;

import java.util.Arrays;

/** What the endpoints saw: the judge of a run. */
final class AttemptLog {
  private final byte[] received;
  private final byte[] executed;
  private final byte[] takenAlong;
  private int kills;
  private final long[] receivedPerSecond;
  private final long[] refusedPerSecond;
  private final long[] answeredPerSecond;
  private final long[] tokensPerSecond;
  private final long[] admittedTokensPerSecond;
  private long[] receivedAt = new long[1 << 12];
  private int receipts;
  private long lastAnsweredAt;
  private int inFlight;
  private int mostInFlight;

  AttemptLog(int rows, int seconds) {
    received = new byte[rows];
    executed = new byte[rows];
    takenAlong = new byte[rows];
    receivedPerSecond = new long[seconds];
    refusedPerSecond = new long[seconds];
    answeredPerSecond = new long[seconds];
    tokensPerSecond = new long[seconds];
    admittedTokensPerSecond = new long[seconds];
  }

  void received(int row, long now) {
    received[row] = (byte) Math.min(Byte.MAX_VALUE, received[row] + 1);
    receivedPerSecond[second(now)]++;
    if (receipts == receivedAt.length) {
      receivedAt = Arrays.copyOf(receivedAt, 2 * receipts);
    }
    receivedAt[receipts++] = now;
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
  }

  /** Work on it began, and may be on the bill. */
  void executed(Row row, long now) {
    executed[row.number()]++;
    admittedTokensPerSecond[second(now)] += row.tokens();
  }

  void refused(long now) {
    refusedPerSecond[second(now)]++;
    inFlight--;
  }

  void answered(Row row, long now) {
    lastAnsweredAt = now;
    answeredPerSecond[second(now)]++;
    tokensPerSecond[second(now)] += row.tokens();
    inFlight--;
  }

  /** The endpoint dies of a row. */
  void killed() {
    kills++;
  }

  int kills() {
    return kills;
  }

  /** The endpoint goes down while that row is under way. */
  void tookAlong(int row) {
    takenAlong[row]++;
  }

  int timesTakenAlong(int row) {
    return takenAlong[row];
  }

  void lost() {
    inFlight--;
  }

  private int second(long now) {
    return (int) Math.min(receivedPerSecond.length - 1, now / SimulatedTime.SECOND);
  }

  long firstReceivedAt() {
    return receivedAt[0];
  }

  long lastAnsweredAt() {
    return lastAnsweredAt;
  }

  int timesReceived(int row) {
    return received[row];
  }

  int timesExecuted(int row) {
    return executed[row];
  }

  int mostInFlight() {
    return mostInFlight;
  }

  long received(int from, int to) {
    return sum(receivedPerSecond, from, to);
  }

  long refused(int from, int to) {
    return sum(refusedPerSecond, from, to);
  }

  long answered(int from, int to) {
    return sum(answeredPerSecond, from, to);
  }

  long answeredTokens(int from, int to) {
    return sum(tokensPerSecond, from, to);
  }

  long busiestSecond() {
    return Arrays.stream(receivedPerSecond).max().orElse(0);
  }

  /** Most requests in any 60 seconds, wherever they begin. */
  long busiestMinute() {
    int most = 0;
    int from = 0;
    for (int to = 0; to < receipts; to++) {
      while (receivedAt[to] - receivedAt[from] >= 60 * SimulatedTime.SECOND) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  /** Most tokens in any 60 whole seconds. */
  long busiestMinuteOfTokens(EndpointSpec.Charge charge) {
    long[] perSecond =
        charge == EndpointSpec.Charge.AT_ADMISSION ? admittedTokensPerSecond : tokensPerSecond;
    long most = 0;
    long sum = 0;
    for (int second = 0; second < perSecond.length; second++) {
      sum += perSecond[second] - (second < 60 ? 0 : perSecond[second - 60]);
      most = Math.max(most, sum);
    }
    return most;
  }

  private static long sum(long[] perSecond, int from, int to) {
    long sum = 0;
    for (int second = from; second < Math.min(to, perSecond.length); second++) {
      sum += perSecond[second];
    }
    return sum;
  }
}
