package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a process saw of one replica: whether it is there. Sums are running totals since the process
 * began.
 *
 * @param alive attempts that it answered
 * @param failed attempts that wait for a verdict, or had one
 * @param ticket the last ticket that was used
 * @param gate the last closing of the gate that the process has heard of
 * @param judged failures whose verdict it has heard
 */
public record ReplicaSigns(long alive, Failed failed, UsedTicket ticket, long gate, long judged) {
  public static final ReplicaSigns NONE = new ReplicaSigns(0, Failed.NONE, UsedTicket.NONE, 0, 0);

  /**
   * Attempts that failed.
   *
   * @param lost those that were under way as others began to fail
   * @param full those that it answered with being unable to serve
   * @param gone those that found it away, or began after others had failed
   * @param refused those among them that got no connection
   * @param last the last failure: a status, or one of the negative numbers of {@link Sign}
   */
  public record Failed(long lost, long full, long gone, long refused, int last) {
    public static final Failed NONE = new Failed(0, 0, 0, 0, 0);

    long count() {
      return lost + full + gone;
    }
  }

  /**
   * A ticket that was used.
   *
   * @param number 0 for none
   * @param end what the end of its attempt said; null while it is under way
   */
  public record UsedTicket(long number, @Nullable Sign end) {
    public static final UsedTicket NONE = new UsedTicket(0, null);

    private void write(DataOutputStream out) throws IOException {
      out.writeLong(number);
      out.writeByte(end == null ? -1 : end.ordinal());
    }

    private static UsedTicket read(DataInputStream in) throws IOException {
      return new UsedTicket(in.readLong(), Sign.ofOrdinal(in.readByte()));
    }
  }

  /** Attempts that wait for a verdict, or had one. */
  long failures() {
    return failed.count();
  }

  void write(DataOutputStream out) throws IOException {
    out.writeLong(alive);
    out.writeLong(failed.lost);
    out.writeLong(failed.full);
    out.writeLong(failed.gone);
    out.writeLong(failed.refused);
    out.writeInt(failed.last);
    ticket.write(out);
    out.writeLong(gate);
    out.writeLong(judged);
  }

  static ReplicaSigns read(DataInputStream in) throws IOException {
    return new ReplicaSigns(
        in.readLong(),
        new Failed(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readInt()),
        UsedTicket.read(in),
        in.readLong(),
        in.readLong());
  }
}
