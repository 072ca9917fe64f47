package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * What the authority answers.
 *
 * @param slots attempts that the process may have under way at all replicas together, 0 where each
 *     has its own
 * @param replicas what holds for each replica that the process reported, by its name
 * @param rows rows of the rate that it may send
 * @param rate the limits that these are rows of
 * @param leave whether it may send at all, and for how long
 * @param heldNanos how long the authority let the request wait
 */
public record QuotaReply(
    int slots, List<ForReplica> replicas, Rows rows, Rate rate, Leave leave, long heldNanos) {
  /** Nothing may be sent any more. */
  public static final QuotaReply STOPPED =
      new QuotaReply(0, List.of(), Rows.NONE, Rate.UNLIMITED, Leave.STOPPED, 0);

  /**
   * What holds for one replica.
   *
   * @param slots slots of its own
   * @param order what the process may do there
   * @param elsewhere what other processes know of it
   */
  public record ForReplica(String name, Slots slots, ReplicaOrder order, Elsewhere elsewhere) {
    private void write(DataOutputStream out) throws IOException {
      out.writeUTF(name);
      out.writeInt(slots.count);
      out.writeLong(slots.round);
      order.write(out);
      out.writeLong(elsewhere.usualNanos);
      out.writeInt(elsewhere.makeWay);
    }

    private static ForReplica read(DataInputStream in) throws IOException {
      return new ForReplica(
          in.readUTF(),
          new Slots(in.readInt(), in.readLong()),
          ReplicaOrder.read(in),
          new Elsewhere(in.readLong(), in.readInt()));
    }
  }

  /**
   * Slots of one replica.
   *
   * @param count attempts that the process may have under way there
   * @param round the round of measuring, 0 where nothing is measured since slots are for all
   *     replicas together
   */
  public record Slots(int count, long round) {
    static final Slots NONE = new Slots(0, 0);

    boolean areOfReplica() {
      return round > 0;
    }
  }

  /**
   * What other processes know of a replica.
   *
   * @param usualNanos how long its answers take, 0 while unknown
   * @param makeWay connections to be closed for those on which it does not answer elsewhere
   */
  public record Elsewhere(long usualNanos, int makeWay) {
    static final Elsewhere NOTHING = new Elsewhere(0, 0);
  }

  /**
   * Rows of the rate.
   *
   * @param starts their moments, in nanoseconds after the authority handled the request
   * @param tokens tokens granted with each of them
   */
  public record Rows(long[] starts, long[] tokens) {
    static final Rows NONE = new Rows(new long[0], new long[0]);

    int count() {
      return starts.length;
    }
  }

  /**
   * Limits on the rate.
   *
   * @param unlimited whether there is none, so that rows and tokens do not matter
   * @param tokensPerMinute the limit on tokens, 0 for none: a row that costs more goes alone
   */
  public record Rate(boolean unlimited, long tokensPerMinute) {
    static final Rate UNLIMITED = new Rate(true, 0);
  }

  /**
   * Whether a process may send.
   *
   * @param fenceNanos how long after the request was sent it may go on sending
   * @param coolDownNanos pause from now on, 0 for none
   * @param allowances what it may have spent since it began; beyond it nothing new is sent
   * @param stopped whether nothing new may be sent any more
   */
  public record Leave(
      long fenceNanos, long coolDownNanos, List<Allowance> allowances, boolean stopped) {
    static final Leave STOPPED = new Leave(0, 0, List.of(), true);

    private void write(DataOutputStream out) throws IOException {
      out.writeLong(fenceNanos);
      out.writeLong(coolDownNanos);
      out.writeInt(allowances.size());
      for (Allowance allowance : allowances) {
        out.writeDouble(allowance.upTo());
        out.writeByte(allowance.unit().ordinal());
      }
      out.writeBoolean(stopped);
    }

    private static Leave read(DataInputStream in) throws IOException {
      return new Leave(
          in.readLong(),
          in.readLong(),
          Numbers.readList(
              from -> new Allowance(from.readDouble(), Budget.Unit.values()[from.readByte()]), in),
          in.readBoolean());
    }
  }

  /**
   * A share of a budget.
   *
   * @param upTo units that a process may have spent in all
   */
  public record Allowance(double upTo, Budget.Unit unit) {
    boolean isSpent(Usage used) {
      return unit.of(used) >= upTo;
    }
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(slots);
      out.writeInt(replicas.size());
      for (ForReplica replica : replicas) {
        replica.write(out);
      }
      Numbers.write(out, rows.starts);
      Numbers.write(out, rows.tokens);
      out.writeBoolean(rate.unlimited);
      out.writeLong(rate.tokensPerMinute);
      leave.write(out);
      out.writeLong(heldNanos);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static QuotaReply decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      return new QuotaReply(
          in.readInt(),
          Numbers.readList(ForReplica::read, in),
          new Rows(Numbers.readLongs(in), Numbers.readLongs(in)),
          new Rate(in.readBoolean(), in.readLong()),
          Leave.read(in),
          in.readLong());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
