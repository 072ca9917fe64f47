package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What a process saw of one replica: whether it is there. Sums are running totals since the process
 * began.
 *
 * @param alive attempts that it answered
 * @param lost attempts that were under way as others began to fail, and failed
 * @param full attempts that it answered with being unable to serve
 * @param gone attempts that found it away, or began after others had failed and failed too
 * @param refused attempts among them that got no connection
 * @param last the last failure: a status, or one of the negative numbers of {@link Sign}
 * @param ticket the last ticket that was used, 0 for none
 * @param ticketEnd how its attempt ended, as the place in {@link Sign}; -1 while it is under way
 * @param gate the last closing of the gate that the process has heard of
 * @param judged failures whose verdict it has heard
 */
public record ReplicaSigns(
    long alive,
    long lost,
    long full,
    long gone,
    long refused,
    int last,
    long ticket,
    int ticketEnd,
    long gate,
    long judged) {
  public static final ReplicaSigns NONE = new ReplicaSigns(0, 0, 0, 0, 0, 0, 0, -1, 0, 0);

  /** Attempts that wait for a verdict, or had one. */
  long failures() {
    return lost + full + gone;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(alive);
    out.writeLong(lost);
    out.writeLong(full);
    out.writeLong(gone);
    out.writeLong(refused);
    out.writeInt(last);
    out.writeLong(ticket);
    out.writeInt(ticketEnd);
    out.writeLong(gate);
    out.writeLong(judged);
  }

  static ReplicaSigns read(DataInputStream in) throws IOException {
    return new ReplicaSigns(
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readInt(),
        in.readLong(),
        in.readInt(),
        in.readLong(),
        in.readLong());
  }
}
