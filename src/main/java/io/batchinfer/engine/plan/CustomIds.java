package io.batchinfer.engine.plan;

import io.batchinfer.model.Hash128;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/** Hashes of the custom_ids of one unit with their lines, growing in plain arrays. */
final class CustomIds {
  private long[] high = new long[1024];
  private long[] low = new long[1024];
  private int[] line = new int[1024];
  private int count;

  void add(Hash128 hash, int unitLine) {
    if (count == line.length) {
      int larger = count * 2;
      high = Arrays.copyOf(high, larger);
      low = Arrays.copyOf(low, larger);
      line = Arrays.copyOf(line, larger);
    }
    high[count] = hash.high();
    low[count] = hash.low();
    line[count] = unitLine;
    count++;
  }

  long count() {
    return count;
  }

  void writeTo(FileStore store, String path) {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(store.create(path), 1 << 16))) {
      for (int i = 0; i < count; i++) {
        out.writeLong(high[i]);
        out.writeLong(low[i]);
        out.writeInt(line[i]);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  /** One id as it stands in a file. */
  @FunctionalInterface
  interface Visitor {
    void visit(long high, long low, int unitLine);
  }

  static void read(FileStore store, String path, Visitor visitor) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(store.open(path, 0), 1 << 16))) {
      while (true) {
        long high = in.readLong();
        visitor.visit(high, in.readLong(), in.readInt());
      }
    } catch (EOFException e) {
      return;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }
}
