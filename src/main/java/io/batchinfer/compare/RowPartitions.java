package io.batchinfer.compare;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The rows of one output in temporary files, by the hash of their custom_id: rows of two outputs
 * with the same custom_id are in files of the same number, wherever in the outputs they stand.
 * {@link #add} is thread-safe; what was added is read after {@link #close}.
 */
final class RowPartitions implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final FileStore store;
  private final String prefix;
  private final List<Partition> partitions = new ArrayList<>();

  /**
   * @param prefix qualified path with which the names of the files begin
   */
  RowPartitions(FileStore store, String prefix, int partitions) {
    this.store = store;
    this.prefix = prefix;
    for (int i = 0; i < partitions; i++) {
      this.partitions.add(new Partition(path(i)));
    }
  }

  private String path(int partition) {
    return "%s-%04d.rows".formatted(prefix, partition);
  }

  void add(ComparedRow row) {
    int partition = (int) Long.remainderUnsigned(row.id().high(), partitions.size());
    partitions.get(partition).add(row);
  }

  /** The rows of a partition, in no particular order. */
  void read(int partition, Consumer<ComparedRow> reader) {
    Partition read = partitions.get(partition);
    Map<String, String> codes = new HashMap<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(store.open(read.path, 0), BUFFER))) {
      for (long i = read.rows(); i > 0; i--) {
        reader.accept(
            ComparedRow.readFrom(in, code -> codes.computeIfAbsent(code, known -> known)));
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + read.path + "\"", e);
    }
  }

  /** Deletes the file of a partition, which is not read again. */
  void forget(int partition) {
    store.delete(path(partition));
  }

  @Override
  public void close() {
    partitions.forEach(Partition::close);
  }

  private final class Partition {
    private final String path;

    @GuardedBy("this")
    private final DataOutputStream out;

    @GuardedBy("this")
    private long rows;

    Partition(String path) {
      this.path = path;
      this.out = new DataOutputStream(new BufferedOutputStream(store.create(path), BUFFER));
    }

    synchronized void add(ComparedRow row) {
      try {
        row.writeTo(out);
        rows++;
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }

    synchronized long rows() {
      return rows;
    }

    synchronized void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }
  }
}
