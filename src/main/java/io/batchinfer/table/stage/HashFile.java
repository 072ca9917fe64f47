package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import io.batchinfer.spark.TaskFiles;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;

/** The hashes of a part's rows, in their order, read as they are wanted. */
final class HashFile implements Iterator<RowDigest.Row>, AutoCloseable {
  private final StagedPart part;
  private final DataInputStream in;
  private long read;

  private HashFile(FileStore store, StagedPart part) {
    this.part = part;
    this.in = new DataInputStream(new BufferedInputStream(store.open(part.hashes(), 0), 1 << 16));
  }

  /** Opens the hashes of a part in a task of Spark, whose end closes them. */
  static HashFile of(StagedPart part) {
    HashFile hashes = new HashFile(TaskFiles.stores(), part);
    TaskContext.get()
        .addTaskCompletionListener(
            ended -> {
              hashes.close();
            });
    return hashes;
  }

  @Override
  public boolean hasNext() {
    return read < part.sum().rows();
  }

  @Override
  public RowDigest.Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    read++;
    try {
      return new RowDigest.Row(
          new Hash128(in.readLong(), in.readLong()), new Hash128(in.readLong(), in.readLong()));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private StorageException unreadable(IOException e) {
    return new StorageException("Cannot read \"" + part.hashes() + "\"", e);
  }
}
