package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.spark.Partitioner;

/**
 * Where a row is, as bytes that sort as it does: by what it asks, then by its part, then by its
 * place in the part; or without the first of these.
 */
final class RowPlace {
  private static final int REQUEST = 2 * Long.BYTES;
  private static final int PLACE = Integer.BYTES + Long.BYTES;

  private RowPlace() {}

  /** Sorts bytes; Spark sends it to its tasks. */
  enum Order implements Comparator<byte[]> {
    OF_BYTES;

    @Override
    public int compare(byte[] one, byte[] other) {
      return Arrays.compareUnsigned(one, other);
    }
  }

  /** Spreads by the first four bytes: evenly by requests, and each part to its own number. */
  static final class Spread extends Partitioner implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int partitions;

    Spread(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      return Integer.remainderUnsigned(ByteBuffer.wrap((byte[]) key).getInt(), partitions);
    }
  }

  static byte[] of(Hash128 request, int part, long row) {
    return ByteBuffer.allocate(REQUEST + PLACE)
        .putLong(request.high())
        .putLong(request.low())
        .putInt(part)
        .putLong(row)
        .array();
  }

  /** Whether two rows ask the same. */
  static boolean isEqual(byte[] one, byte[] other) {
    return Arrays.equals(one, 0, REQUEST, other, 0, REQUEST);
  }

  /** The part and the place in it alone. */
  static byte[] inPart(byte[] place) {
    return Arrays.copyOfRange(place, REQUEST, REQUEST + PLACE);
  }

  /** The row's place, of what {@link #inPart} gave. */
  static long row(byte[] inPart) {
    return ByteBuffer.wrap(inPart).getLong(Integer.BYTES);
  }
}
