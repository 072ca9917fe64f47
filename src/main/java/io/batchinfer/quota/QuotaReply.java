package io.batchinfer.quota;

import io.batchinfer.model.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the authority answers.
 *
 * @param slots attempts that the process may have under way at once: one number for all replicas
 *     together, or one for each
 * @param rounds for each of them the round of measuring, 0 where nothing is measured
 * @param orders what the process may do at each replica
 * @param starts moments of the rows granted, in nanoseconds after the authority handled the request
 * @param tokens tokens granted with each of them
 * @param heldNanos how long the authority let the request wait
 * @param unlimited whether there is no rate limit, so that rows and tokens do not matter
 * @param tokensPerMinute the limit on tokens, 0 for none: a row that costs more goes alone
 * @param coolDownNanos pause from now on, 0 for none
 * @param fenceNanos how long after the request was sent the process may go on sending
 * @param allowances what the process may have spent since it began; beyond it nothing new is sent
 * @param stopped whether nothing new may be sent any more
 * @param elsewhere for each replica what other processes know of it, or empty
 */
public record QuotaReply(
    int[] slots,
    long[] rounds,
    ReplicaOrder[] orders,
    long[] starts,
    long[] tokens,
    long heldNanos,
    boolean unlimited,
    long tokensPerMinute,
    long coolDownNanos,
    long fenceNanos,
    List<Allowance> allowances,
    boolean stopped,
    List<Elsewhere> elsewhere) {
  /** Nothing may be sent any more. */
  public static final QuotaReply STOPPED =
      new QuotaReply(
          new int[] {0},
          new long[] {0},
          new ReplicaOrder[0],
          new long[0],
          new long[0],
          0,
          true,
          0,
          0,
          0,
          List.of(),
          true,
          List.of());

  /**
   * What other processes know of a replica.
   *
   * @param usualNanos how long its answers take, 0 while unknown
   * @param makeWay connections to be closed for those on which it does not answer elsewhere
   */
  public record Elsewhere(long usualNanos, int makeWay) {}

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

  /** Rows granted. */
  public int rows() {
    return starts.length;
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(96);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      Numbers.write(out, slots);
      Numbers.write(out, rounds);
      out.writeInt(orders.length);
      for (ReplicaOrder order : orders) {
        order.write(out);
      }
      Numbers.write(out, starts);
      Numbers.write(out, tokens);
      out.writeLong(heldNanos);
      out.writeBoolean(unlimited);
      out.writeLong(tokensPerMinute);
      out.writeLong(coolDownNanos);
      out.writeLong(fenceNanos);
      out.writeInt(allowances.size());
      for (Allowance allowance : allowances) {
        out.writeDouble(allowance.upTo());
        out.writeByte(allowance.unit().ordinal());
      }
      out.writeBoolean(stopped);
      out.writeInt(elsewhere.size());
      for (Elsewhere told : elsewhere) {
        out.writeLong(told.usualNanos());
        out.writeInt(told.makeWay());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static QuotaReply decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      return new QuotaReply(
          Numbers.readInts(in),
          Numbers.readLongs(in),
          readOrders(in),
          Numbers.readLongs(in),
          Numbers.readLongs(in),
          in.readLong(),
          in.readBoolean(),
          in.readLong(),
          in.readLong(),
          in.readLong(),
          readAllowances(in),
          in.readBoolean(),
          readElsewhere(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Elsewhere> readElsewhere(DataInputStream in) throws IOException {
    List<Elsewhere> elsewhere = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      elsewhere.add(new Elsewhere(in.readLong(), in.readInt()));
    }
    return elsewhere;
  }

  private static ReplicaOrder[] readOrders(DataInputStream in) throws IOException {
    ReplicaOrder[] orders = new ReplicaOrder[in.readInt()];
    for (int i = 0; i < orders.length; i++) {
      orders[i] = ReplicaOrder.read(in);
    }
    return orders;
  }

  private static List<Allowance> readAllowances(DataInputStream in) throws IOException {
    List<Allowance> allowances = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      allowances.add(new Allowance(in.readDouble(), Budget.Unit.values()[in.readByte()]));
    }
    return allowances;
  }
}
