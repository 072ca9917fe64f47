package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What a process may do at one replica.
 *
 * @param open whether attempts go there without restraint
 * @param gate number of the last time that it was closed
 * @param ticket lets one attempt in that is closed to others
 * @param verdict on failures of the process
 */
public record ReplicaOrder(boolean open, long gate, Ticket ticket, Verdict verdict) {
  static final ReplicaOrder OPEN = new ReplicaOrder(true, 0, Ticket.NONE, Verdict.NONE);

  /**
   * Lets one attempt in; each number once.
   *
   * @param number 0 for none
   * @param bearer which row it is for
   * @param beyondSlots whether it holds without a slot, since nothing else may be under way
   */
  public record Ticket(long number, Bearer bearer, boolean beyondSlots) {
    static final Ticket NONE = new Ticket(0, Bearer.ANY_ROW, false);
  }

  /** Which row a ticket lets in. */
  public enum Bearer {
    /** To look whether the replica is back, rather one that no outage has met. */
    ANY_ROW,
    /** A row that is to be under way alone. */
    SUSPECT
  }

  /**
   * A verdict on failures up to that one that were not judged before.
   *
   * @param upTo as the process counts them
   * @param outage tells the outage that it speaks of from others
   */
  public record Verdict(long upTo, Judgement judgement, long outage) {
    static final Verdict NONE = new Verdict(0, Judgement.OWN, 0);
  }

  /** What failures of a process are put down to. */
  public enum Judgement {
    /** The replica was there for others. */
    OWN,
    /** It went away. */
    OUTAGE,
    /** It was not there, and has never answered the run. */
    COLD,
    /** It had come back, and went away with the one attempt that was under way. */
    AGAIN,
    /** It is an engine, which was ready again, and went away with the one attempt under way. */
    ENGINE_AGAIN,
    /** It had answered others, and went away with the suspect that was under way alone. */
    CRASH
  }

  void write(DataOutputStream out) throws IOException {
    out.writeBoolean(open);
    out.writeLong(gate);
    out.writeLong(ticket.number);
    out.writeByte(ticket.bearer.ordinal());
    out.writeBoolean(ticket.beyondSlots);
    out.writeLong(verdict.upTo);
    out.writeByte(verdict.judgement.ordinal());
    out.writeLong(verdict.outage);
  }

  static ReplicaOrder read(DataInputStream in) throws IOException {
    return new ReplicaOrder(
        in.readBoolean(),
        in.readLong(),
        new Ticket(in.readLong(), Bearer.values()[in.readByte()], in.readBoolean()),
        new Verdict(in.readLong(), Judgement.values()[in.readByte()], in.readLong()));
  }
}
