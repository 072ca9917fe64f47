package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * One replica as a process sees it. Sums are running totals since the process began.
 *
 * @param name what tells it from others, the same in every process that knows it
 * @param slots attempts that the process believes it may have under way there, as in the last
 *     answer that it heard; 0 where slots are for all replicas together
 * @param refusals attempts that it turned away for lack of room
 * @param round what was measured in the round that is under way
 * @param silence how it leaves connections without an answer
 * @param signs whether it is there
 */
public record ReplicaReport(
    String name,
    int slots,
    UnderWay underWay,
    long refusals,
    Round round,
    Silence silence,
    ReplicaSigns signs) {

  /**
   * A round of measuring.
   *
   * @param number tells it from others, 0 for none
   * @param answers answers to attempts that began in that round
   * @param attemptNanos from sending to answer, summed over them
   * @param work how much work they were, 1,000 for a usual one
   */
  public record Round(long number, long answers, long attemptNanos, long work) {
    public static final Round NONE = new Round(0, 0, 0, 0);

    Round plus(Round other) {
      return new Round(
          number, answers + other.answers, attemptNanos + other.attemptNanos, work + other.work);
    }

    Round minus(Round other) {
      return new Round(
          number, answers - other.answers, attemptNanos - other.attemptNanos, work - other.work);
    }
  }

  /**
   * Connections on which nothing was ever answered.
   *
   * @param timeouts attempts that timed out on them
   * @param usualNanos how long answers take to which the endpoint turned at once, 0 while unknown
   */
  public record Silence(long timeouts, long usualNanos) {
    public static final Silence NONE = new Silence(0, 0);
  }

  /** A replica of which there is nothing to tell. */
  public static ReplicaReport of(String name) {
    return new ReplicaReport(
        name, 0, UnderWay.NOTHING, 0, Round.NONE, Silence.NONE, ReplicaSigns.NONE);
  }

  /** The same with so many attempts under way, none of them on a silent connection. */
  public ReplicaReport withInFlight(int attempts) {
    return new ReplicaReport(
        name, slots, new UnderWay(attempts, 0, 0), refusals, round, silence, signs);
  }

  int inFlight() {
    return underWay.inFlight();
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(name);
    out.writeInt(slots);
    underWay.write(out);
    out.writeLong(refusals);
    out.writeLong(round.number);
    out.writeLong(round.answers);
    out.writeLong(round.attemptNanos);
    out.writeLong(round.work);
    out.writeLong(silence.timeouts);
    out.writeLong(silence.usualNanos);
    signs.write(out);
  }

  static ReplicaReport read(DataInputStream in) throws IOException {
    return new ReplicaReport(
        in.readUTF(),
        in.readInt(),
        UnderWay.read(in),
        in.readLong(),
        new Round(in.readLong(), in.readLong(), in.readLong(), in.readLong()),
        new Silence(in.readLong(), in.readLong()),
        ReplicaSigns.read(in));
  }
}
