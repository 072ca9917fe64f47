package io.batchinfer.engine.copies;

import io.batchinfer.model.Hash128;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * The file in which a unit's valid rows are known by what they ask: 21 bytes each, in the order of
 * their lines. What is written is read by later jobs too.
 */
public final class RowHashes implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int DETERMINED = 1;

  private final DataOutputStream out;

  /** Begins the file. */
  public RowHashes(FileStore store, String path) {
    this.out = new DataOutputStream(new BufferedOutputStream(store.create(path), BUFFER));
  }

  /**
   * Adds the next row.
   *
   * @param hash of its endpoint and effective body
   * @param unitLine its line in the unit, from 0
   * @param determined whether its answer is a function of its request
   */
  public void add(Hash128 hash, int unitLine, boolean determined) throws IOException {
    out.writeLong(hash.high());
    out.writeLong(hash.low());
    out.writeInt(unitLine);
    out.writeByte(determined ? DETERMINED : 0);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** Is told a row as {@link #add} was. */
  @FunctionalInterface
  public interface Visitor {
    void visit(long high, long low, int unitLine, boolean determined);
  }

  /** Reads a file from its first row to its last. */
  public static void read(FileStore store, String path, Visitor visitor) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(store.open(path, 0), BUFFER))) {
      while (true) {
        long high;
        try {
          high = in.readLong();
        } catch (EOFException e) {
          return;
        }
        visitor.visit(high, in.readLong(), in.readInt(), (in.readByte() & DETERMINED) != 0);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }
}
