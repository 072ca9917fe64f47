package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What a process may do at one replica.
 *
 * @param open whether attempts go there without restraint
 * @param gate number of the last time that it was closed
 * @param ticket lets one attempt in that is closed to others, 0 for none; each number once
 * @param beyondSlots whether the ticket holds without a slot, since nothing else may be under way
 * @param forSuspect whether the ticket is for a row that is to be under way alone
 * @param judged failures of the process, in their order, that the verdict reaches up to
 * @param judgement the verdict on those that were not judged before
 * @param outage the outage that it speaks of
 */
record ReplicaOrder(
    boolean open,
    long gate,
    long ticket,
    boolean beyondSlots,
    boolean forSuspect,
    long judged,
    Judgement judgement,
    long outage) {
  static final ReplicaOrder OPEN = new ReplicaOrder(true, 0, 0, false, false, 0, Judgement.OWN, 0);

  /** What failures of a process are put down to. */
  enum Judgement {
    /** The replica was there for others. */
    OWN,
    /** It went away. */
    OUTAGE,
    /** It was not there, and has never answered the run. */
    COLD,
    /** It had come back, and went away with the one attempt that was under way. */
    AGAIN,
    /** It had answered others, and went away with the suspect that was under way alone. */
    CRASH
  }

  void write(DataOutputStream out) throws IOException {
    out.writeBoolean(open);
    out.writeLong(gate);
    out.writeLong(ticket);
    out.writeBoolean(beyondSlots);
    out.writeBoolean(forSuspect);
    out.writeLong(judged);
    out.writeByte(judgement.ordinal());
    out.writeLong(outage);
  }

  static ReplicaOrder read(DataInputStream in) throws IOException {
    return new ReplicaOrder(
        in.readBoolean(),
        in.readLong(),
        in.readLong(),
        in.readBoolean(),
        in.readBoolean(),
        in.readLong(),
        Judgement.values()[in.readByte()],
        in.readLong());
  }
}
