package io.batchinfer.client.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Gathers a body of announced or unknown size into one array. */
final class BodyAggregator {
  private static final int UNKNOWN_SIZE_START = 4 << 10;
  private static final int LARGEST_FIRST_ALLOCATION = 1 << 20;

  private final long announced;
  private final long limit;
  private byte[] bytes;
  private int size;

  /**
   * @param announced the Content-Length, or -1
   * @param limit most bytes that are kept
   */
  BodyAggregator(long announced, long limit) {
    this.announced = announced;
    this.limit = Math.min(limit, Integer.MAX_VALUE - 8);
    long wanted = announced < 0 ? UNKNOWN_SIZE_START : announced;
    this.bytes = new byte[(int) Math.min(Math.min(wanted, LARGEST_FIRST_ALLOCATION), this.limit)];
  }

  boolean isAnnounced() {
    return announced >= 0;
  }

  /** Whether the announced size alone exceeds the limit. */
  boolean announcesTooMuch() {
    return announced > limit;
  }

  /** Memory that the body takes: what was announced, or else what is allocated so far. */
  long expectedBytes() {
    return Math.max(announced, bytes.length);
  }

  /** Takes the readable bytes; false, and nothing is kept, when they exceed the limit. */
  boolean append(ByteBuf chunk) {
    int length = chunk.readableBytes();
    long needed = (long) size + length;
    if (needed > limit) {
      return false;
    }
    if (needed > bytes.length) {
      long grown = Math.max(needed, Math.min(limit, 2L * bytes.length));
      long capped = announced >= needed ? Math.min(grown, announced) : grown;
      bytes = Arrays.copyOf(bytes, (int) capped);
    }
    chunk.readBytes(bytes, size, length);
    size += length;
    return true;
  }

  /** The body, exactly as long as it is. */
  byte[] toByteArray() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }
}
