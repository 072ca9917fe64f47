package io.batchinfer.journal;

import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads segments, also those whose writer died in the middle of a block. */
public final class SegmentReader {
  private SegmentReader() {}

  /** Ranges of all whole blocks; what follows a torn block is not there. */
  public static List<SegmentRange> directory(FileStore store, String folder, SegmentName name) {
    String path = folder + "/" + name.fileName();
    List<SegmentRange> ranges = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(store.open(path, 0), 1 << 16))) {
      long position = 0;
      while (true) {
        byte[] head = in.readNBytes(JournalWriter.BLOCK_HEAD);
        if (head.length < JournalWriter.BLOCK_HEAD) {
          return ranges;
        }
        ByteBuffer headFields = ByteBuffer.wrap(head);
        int splits = headFields.getInt(4);
        if (headFields.getInt(0) != JournalWriter.MAGIC || splits <= 0 || splits > 1 << 20) {
          return ranges;
        }
        byte[] directory = in.readNBytes(splits * JournalWriter.DIRECTORY_ENTRY);
        if (directory.length < splits * JournalWriter.DIRECTORY_ENTRY
            || crc(directory, directory.length) != headFields.getInt(8)) {
          return ranges;
        }
        long offset = position + JournalWriter.BLOCK_HEAD + directory.length;
        List<SegmentRange> block = new ArrayList<>(splits);
        ByteBuffer fields = ByteBuffer.wrap(directory);
        for (int i = 0; i < splits; i++) {
          int split = fields.getInt();
          int count = fields.getInt();
          int length = fields.getInt();
          int checksum = fields.getInt();
          byte[] entries = in.readNBytes(length);
          if (entries.length < length || crc(entries, length) != checksum) {
            return ranges;
          }
          block.add(
              new SegmentRange(
                  name.fileName(),
                  split,
                  order(name.epoch(), name.number(), offset),
                  offset,
                  length,
                  count,
                  checksum));
          offset += length;
        }
        ranges.addAll(block);
        position = offset;
      }
    } catch (EOFException e) {
      return ranges;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** Epoch, then segment number, then offset: the newest outcome of a row has the largest order. */
  static long order(long epoch, int number, long offset) {
    return epoch << 48 | (long) (number & 0xfffff) << 28 | (offset >>> 4 & 0xfff_ffff);
  }

  /** The encoded entries of a range. */
  public static byte[] read(FileStore store, String folder, SegmentRange range) {
    String path = folder + "/" + range.segment();
    try (InputStream in = store.open(path, range.offset())) {
      byte[] bytes = in.readNBytes(range.length());
      if (bytes.length < range.length() || crc(bytes, bytes.length) != range.crc()) {
        throw new IOException(
            "bytes %d to %d are not what was written there"
                .formatted(range.offset(), range.offset() + range.length()));
      }
      return bytes;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
