package io.batchinfer.engine.copies;

import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** Whole numbers, four bytes each in a file. Not thread-safe. */
final class GrowingInts {
  private static final int PIECE = 1 << 13;

  private int[] numbers = new int[64];
  private int count;

  void add(int number) {
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, count * 2);
    }
    numbers[count++] = number;
  }

  void write(DataOutputStream out) throws IOException {
    byte[] bytes = new byte[PIECE];
    int filled = 0;
    for (int i = 0; i < count; i++) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        bytes[filled++] = (byte) (numbers[i] >>> shift);
      }
      if (filled == bytes.length) {
        out.write(bytes);
        filled = 0;
      }
    }
    out.write(bytes, 0, filled);
  }
}
