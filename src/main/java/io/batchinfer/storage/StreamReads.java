package io.batchinfer.storage;

import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;

/** Positioned reads of a file of Hadoop's. */
record StreamReads(String path, FSDataInputStream in) implements RandomReads {
  @Override
  public int read(long position, byte[] bytes) {
    int length = 0;
    try {
      int read = 0;
      while (read >= 0 && length < bytes.length) {
        read = in.read(position + length, bytes, length, bytes.length - length);
        length += Math.max(0, read);
      }
      return length;
    } catch (EOFException e) {
      // Some stores say so when they are asked for what is after the end.
      return length;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new StorageException("Cannot close \"" + path + "\"", e);
    }
  }
}
