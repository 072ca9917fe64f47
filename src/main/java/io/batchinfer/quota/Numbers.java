package io.batchinfer.quota;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Arrays and lists in the messages between executors and driver: the length, then the elements. */
final class Numbers {
  private static final int MOST = 100_000;

  private Numbers() {}

  static void write(DataOutputStream out, int[] values) throws IOException {
    out.writeInt(values.length);
    for (int value : values) {
      out.writeInt(value);
    }
  }

  static void write(DataOutputStream out, long[] values) throws IOException {
    out.writeInt(values.length);
    for (long value : values) {
      out.writeLong(value);
    }
  }

  static void write(DataOutputStream out, double[] values) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  static double[] readDoubles(DataInputStream in) throws IOException {
    double[] values = new double[length(in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  static int[] readInts(DataInputStream in) throws IOException {
    int[] values = new int[length(in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readInt();
    }
    return values;
  }

  static long[] readLongs(DataInputStream in) throws IOException {
    long[] values = new long[length(in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readLong();
    }
    return values;
  }

  /** Reads a number of elements, and then each of them. */
  static <T> List<T> readList(Read<T> element, DataInputStream in) throws IOException {
    int length = length(in);
    List<T> list = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      list.add(element.from(in));
    }
    return list;
  }

  /** Reads one element. */
  @FunctionalInterface
  interface Read<T> {
    T from(DataInputStream in) throws IOException;
  }

  private static int length(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MOST) {
      throw new IOException("not a message of this program: an array of " + length);
    }
    return length;
  }
}
