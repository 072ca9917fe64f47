package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Attempts under way at a replica.
 *
 * @param silent those on connections on which it has not answered anything yet
 * @param leftLying those of these that wait for much longer than answers take
 */
public record UnderWay(int inFlight, int silent, int leftLying) {
  public static final UnderWay NOTHING = new UnderWay(0, 0, 0);

  UnderWay plus(UnderWay other) {
    return new UnderWay(
        inFlight + other.inFlight, silent + other.silent, leftLying + other.leftLying);
  }

  /** Whether none of its attempts is being answered, and some wait for too long. */
  boolean isHelpless() {
    return leftLying > 0 && silent >= inFlight;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(inFlight);
    out.writeInt(silent);
    out.writeInt(leftLying);
  }

  static UnderWay read(DataInputStream in) throws IOException {
    return new UnderWay(in.readInt(), in.readInt(), in.readInt());
  }
}
