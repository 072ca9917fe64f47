package io.batchinfer.engine.copies;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a row gets instead of being sent, or the word that it is to be sent after all.
 *
 * @param key its split, and its line in that
 * @param output the earlier output that the answer is from; empty for an equal row of the same job
 * @param resultLine the line of the row that has the answer; empty for a row that is to be sent
 *     itself
 */
public record CopiedAnswer(long key, String output, byte[] resultLine) {
  private static final byte[] NONE = {};

  /** What tells a row that it is to be sent. */
  static CopiedAnswer toSend(long key) {
    return new CopiedAnswer(key, "", NONE);
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

  /** All but the key. */
  public byte[] content() {
    byte[] name = output.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Integer.BYTES + name.length + resultLine.length)
        .putInt(name.length)
        .put(name)
        .put(resultLine)
        .array();
  }

  /** What {@link #content} was made of. */
  public static CopiedAnswer of(long key, byte[] content) {
    int name = ByteBuffer.wrap(content).getInt();
    int line = Integer.BYTES + name;
    return new CopiedAnswer(
        key,
        new String(content, Integer.BYTES, name, StandardCharsets.UTF_8),
        Arrays.copyOfRange(content, line, content.length));
  }
}
