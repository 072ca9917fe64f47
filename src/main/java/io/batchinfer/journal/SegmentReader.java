package io.batchinfer.journal;

import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.RandomReads;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one segment, even one whose writer died in the middle of a block or is still at work. Not
 * thread-safe.
 */
public final class SegmentReader implements AutoCloseable {
  /** Holds the directory of a usual block, and costs no more to read than a few bytes. */
  private static final int DIRECTORY_WINDOW = 1 << 12;

  /** Small blocks are read together with what stands between their entries. */
  private static final int ENTRIES_WINDOW = 1 << 16;

  private static final int MOST_SPLITS = 1 << 20;

  private final String path;
  private final SegmentName name;
  private final RandomReads file;
  private byte[] window;
  private long windowStart;
  private int windowLength;

  private SegmentReader(String path, SegmentName name, RandomReads file, int window) {
    this.window = new byte[window];
    this.path = path;
    this.name = name;
    this.file = file;
  }

  /** Opens a segment in its folder, to read directories. */
  public static SegmentReader open(FileStore store, String folder, SegmentName name) {
    return open(store, folder, name, DIRECTORY_WINDOW);
  }

  /** Opens a segment to read entries from front to end. */
  static SegmentReader openEntries(FileStore store, String folder, SegmentName name) {
    return open(store, folder, name, ENTRIES_WINDOW);
  }

  private static SegmentReader open(FileStore store, String folder, SegmentName name, int window) {
    String path = folder + "/" + name.fileName();
    return new SegmentReader(path, name, store.openRandom(path), window);
  }

  /**
   * What whole blocks hold.
   *
   * @param ranges their ranges, in the order of the file
   * @param end where the last of them ends, to read on from there
   */
  public record Directory(List<SegmentRange> ranges, long end) {}

  /**
   * Reads the directories of all whole blocks from the end of another block on, or from 0; what
   * follows a torn block is not there. Of the entries themselves only the last byte of a block is
   * looked at, since a block is written from front to end; {@link #read} checks the rest.
   */
  public Directory directory(long from) {
    List<SegmentRange> ranges = new ArrayList<>();
    long position = from;
    while (true) {
      List<SegmentRange> block = block(position);
      if (block.isEmpty()) {
        return new Directory(ranges, position);
      }
      SegmentRange last = block.get(block.size() - 1);
      ranges.addAll(block);
      position = last.offset() + last.length();
    }
  }

  /** The ranges of the block that starts there, none where there is no whole one. */
  private List<SegmentRange> block(long position) {
    @Nullable ByteBuffer head = at(position, JournalBlock.HEAD);
    if (head == null || head.getInt() != JournalBlock.MAGIC) {
      return List.of();
    }
    int splits = head.getInt();
    int checksum = head.getInt();
    if (splits <= 0 || splits > MOST_SPLITS) {
      return List.of();
    }
    int length = splits * JournalBlock.DIRECTORY_ENTRY;
    @Nullable ByteBuffer fields = at(position + JournalBlock.HEAD, length);
    if (fields == null || crc(fields.duplicate()) != checksum) {
      return List.of();
    }
    long offset = position + JournalBlock.HEAD + length;
    List<SegmentRange> block = new ArrayList<>(splits);
    for (int i = 0; i < splits; i++) {
      SegmentRange range =
          new SegmentRange(
              name.fileName(),
              fields.getInt(),
              order(name.epoch(), name.number(), offset),
              offset,
              fields.getInt(fields.position() + 4),
              fields.getInt(fields.position()),
              fields.getInt(fields.position() + 8));
      fields.position(fields.position() + JournalBlock.DIRECTORY_ENTRY - 4);
      block.add(range);
      offset += range.length();
    }
    return at(offset - 1, 1) == null ? List.of() : block;
  }

  /** Bytes of the file, or null where it does not have so many. */
  private @Nullable ByteBuffer at(long position, int length) {
    if (position < windowStart || position + length > windowStart + windowLength) {
      if (length > window.length) {
        window = new byte[length];
      }
      windowStart = position;
      windowLength = file.read(position, window);
      if (windowLength < length) {
        return null;
      }
    }
    return ByteBuffer.wrap(window, (int) (position - windowStart), length).slice();
  }

  /** Epoch, then segment number, then offset: the newest outcome of a row has the largest order. */
  static long order(long epoch, int number, long offset) {
    return epoch << 48 | (long) (number & 0xfffff) << 28 | (offset >>> 4 & 0xfff_ffff);
  }

  /**
   * The encoded entries of a range of this segment, or null where they are not what was written.
   */
  byte @Nullable [] entries(SegmentRange range) {
    byte[] bytes = new byte[range.length()];
    boolean there;
    if (bytes.length < window.length / 2) {
      @Nullable ByteBuffer read = at(range.offset(), bytes.length);
      there = read != null;
      if (read != null) {
        read.get(bytes);
      }
    } else {
      there = file.read(range.offset(), bytes) == bytes.length;
    }
    boolean whole = there && crc(ByteBuffer.wrap(bytes)) == range.crc();
    return whole ? bytes : null;
  }

  /**
   * The encoded entries of a range.
   *
   * @throws StorageException where they are not what was written
   */
  public static byte[] read(FileStore store, String folder, SegmentRange range) {
    SegmentName name = SegmentName.parse(range.segment()).orElseThrow();
    try (SegmentReader segment = open(store, folder, name)) {
      byte @Nullable [] bytes = segment.entries(range);
      if (bytes == null) {
        throw new StorageException(
            "Cannot read \"" + segment.path + "\"",
            new IOException(
                "bytes %d to %d are not what was written there"
                    .formatted(range.offset(), range.offset() + range.length())));
      }
      return bytes;
    }
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    file.close();
  }
}
