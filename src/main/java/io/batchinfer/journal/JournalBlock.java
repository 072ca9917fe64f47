package io.batchinfer.journal;

import io.batchinfer.storage.DurableFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What one flush adds to a segment: the entries, grouped by split, behind a directory with
 * checksums, so that a reader needs no index and a torn tail is told from a whole block. Not
 * thread-safe.
 */
final class JournalBlock {
  static final int MAGIC = 0x42494a31;

  /** Directory entry: split, count, length, CRC. */
  static final int DIRECTORY_ENTRY = 16;

  /** Magic, number of splits, CRC of the directory. */
  static final int HEAD = 12;

  private final SortedMap<Integer, Pending> splits = new TreeMap<>();
  private long bytes;

  /**
   * Adds an entry of a split.
   *
   * @return its bytes
   */
  int add(int split, JournalEntry entry) {
    int length = entry.encodedLength();
    splits.computeIfAbsent(split, unused -> new Pending()).add(entry, length);
    bytes += length;
    return length;
  }

  boolean isEmpty() {
    return splits.isEmpty();
  }

  /** Bytes of all entries, without what stands before them. */
  long bytes() {
    return bytes;
  }

  private int headBytes() {
    return HEAD + DIRECTORY_ENTRY * splits.size();
  }

  /** Where the block ends that begins at that place. */
  long end(long position) {
    return position + headBytes() + bytes;
  }

  /**
   * Writes the block.
   *
   * @param position where it begins in the segment
   * @return where the entries of each split stand
   */
  List<SegmentRange> writeTo(DurableFile target, SegmentName segment, long position) {
    ByteBuffer head = ByteBuffer.allocate(headBytes());
    head.putInt(MAGIC).putInt(splits.size()).putInt(0);
    List<SegmentRange> written = new ArrayList<>(splits.size());
    long offset = position + head.capacity();
    for (Map.Entry<Integer, Pending> split : splits.entrySet()) {
      Pending entries = split.getValue();
      int checksum = entries.checksum();
      head.putInt(split.getKey()).putInt(entries.count).putInt(entries.length).putInt(checksum);
      written.add(
          new SegmentRange(
              segment.fileName(),
              split.getKey(),
              SegmentReader.order(segment.epoch(), segment.number(), offset),
              offset,
              entries.length,
              entries.count,
              checksum));
      offset += entries.length;
    }
    CRC32C crc = new CRC32C();
    crc.update(head.array(), HEAD, head.capacity() - HEAD);
    head.putInt(8, (int) crc.getValue());
    target.write(head.array(), 0, head.capacity());
    for (Pending entries : splits.values()) {
      entries.writeTo(target);
    }
    return written;
  }

  /** The entries of a split in one block. Lines that are large are not copied. */
  private static final class Pending {
    private static final int FIRST_BYTES = 1 << 12;
    private static final int LARGE_LINE = 64 << 10;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] bytes = new byte[FIRST_BYTES];
    private int used;
    int length;
    int count;

    void add(JournalEntry entry, int entryLength) {
      byte[] line = entry.rendered();
      boolean large = line.length >= LARGE_LINE;
      int copied = large ? entryLength - line.length : entryLength;
      if (used + copied > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + copied));
      }
      ByteBuffer out = ByteBuffer.wrap(bytes, used, copied);
      entry.encodeHead(out);
      if (large) {
        // One call: an entry that there is no memory for must not be there by half.
        full.addAll(List.of(Arrays.copyOf(bytes, used + copied), line));
        used = 0;
      } else {
        out.put(line);
        used += copied;
      }
      length += entryLength;
      count++;
    }

    int checksum() {
      CRC32C crc = new CRC32C();
      full.forEach(crc::update);
      crc.update(bytes, 0, used);
      return (int) crc.getValue();
    }

    void writeTo(DurableFile target) {
      for (byte[] chunk : full) {
        target.write(chunk, 0, chunk.length);
      }
      target.write(bytes, 0, used);
    }
  }
}
