package io.batchinfer.storage;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.Syncable;

/** A growing file of Hadoop's. */
record StreamFile(String path, OutputStream out) implements DurableFile {
  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  /** Nothing on stores of objects, which keep a file from its close on. */
  @Override
  public void sync() {
    try {
      if (out instanceof Syncable syncable) {
        syncable.hflush();
      }
    } catch (IOException e) {
      throw new StorageException("Cannot flush \"" + path + "\"", e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new StorageException("Cannot close \"" + path + "\"", e);
    }
  }
}
