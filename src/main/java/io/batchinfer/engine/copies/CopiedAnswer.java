package io.batchinfer.engine.copies;

import java.nio.ByteBuffer;

/**
 * What a row gets instead of being sent, or the word that it is to be sent after all.
 *
 * @param key its split, and its line in that
 * @param resultLine the line of the row that has the answer, without its line end; empty for a row
 *     that is to be sent itself
 */
public record CopiedAnswer(long key, byte[] resultLine) {
  private static final byte[] NONE = {};

  /** What tells a row that it is to be sent. */
  static CopiedAnswer toSend(long key) {
    return new CopiedAnswer(key, NONE);
  }

  /** Number of the split in which the row is. */
  public static int splitOf(long key) {
    return (int) (key >>> Integer.SIZE);
  }

  /** Line of the row in its split, from 0. */
  static int lineOf(long key) {
    return (int) key;
  }

  /** Whether the row is to be sent itself. */
  public boolean isToSend() {
    return resultLine.length == 0;
  }

  /** As it stands in a file: line, length, content. */
  byte[] encoded() {
    return ByteBuffer.allocate(2 * Integer.BYTES + resultLine.length)
        .putInt(lineOf(key))
        .putInt(resultLine.length)
        .put(resultLine)
        .array();
  }
}
