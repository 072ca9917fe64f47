package io.batchinfer.storage;

import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;

/** Positioned reads of a file of Hadoop's, which is opened again when its connection is lost. */
final class StreamReads implements RandomReads {
  private final String path;
  private final Opening opening;
  private FSDataInputStream in;

  /** Opens the file. */
  @FunctionalInterface
  interface Opening {
    FSDataInputStream open() throws IOException;
  }

  StreamReads(String path, Opening opening) throws IOException {
    this.path = path;
    this.opening = opening;
    this.in = opening.open();
  }

  @Override
  public int read(long position, byte[] bytes) {
    int tries = 1;
    while (true) {
      try {
        return readOnce(position, bytes);
      } catch (IOException e) {
        if (tries >= ObjectInput.TRIES || !ObjectInput.mayPass(e)) {
          throw new StorageException("Cannot read \"" + path + "\"", e);
        }
        tries++;
        reopen(e);
      }
    }
  }

  private int readOnce(long position, byte[] bytes) throws IOException {
    int length = 0;
    try {
      int read = 0;
      while (read >= 0 && length < bytes.length) {
        read = in.read(position + length, bytes, length, bytes.length - length);
        length += Math.max(0, read);
      }
      return length;
    } catch (EOFException e) {
      // Some stores say so when they are asked for what is behind the end.
      return length;
    }
  }

  private void reopen(IOException failure) {
    try {
      FSDataInputStream broken = in;
      in = opening.open();
      broken.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
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
