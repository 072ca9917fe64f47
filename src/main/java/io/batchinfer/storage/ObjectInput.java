package io.batchinfer.storage;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessDeniedException;
import org.jspecify.annotations.Nullable;

/**
 * Reads an object and goes on where it was when a connection is lost in the middle of it: not every
 * client of a store does so itself. Not thread-safe.
 */
final class ObjectInput extends InputStream {
  /** How often in a row, without a byte in between. */
  static final int TRIES = 5;

  private final Opening opening;
  private long position;
  private @Nullable InputStream in;

  /** Opens the object at an offset. */
  @FunctionalInterface
  interface Opening {
    InputStream at(long offset) throws IOException;
  }

  ObjectInput(Opening opening, long offset) throws IOException {
    this.opening = opening;
    this.position = offset;
    this.in = opening.at(offset);
  }

  @Override
  public int read() throws IOException {
    byte[] single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int tries = 1;
    while (true) {
      try {
        InputStream open = in;
        if (open == null) {
          open = opening.at(position);
          in = open;
        }
        int read = open.read(bytes, offset, length);
        position += Math.max(0, read);
        return read;
      } catch (IOException e) {
        if (tries >= TRIES || !mayPass(e)) {
          throw e;
        }
        tries++;
        leave(e);
      }
    }
  }

  /** Whether the same may succeed when it is tried once more. */
  static boolean mayPass(IOException failure) {
    boolean stopped =
        failure instanceof InterruptedIOException && !(failure instanceof SocketTimeoutException);
    return !stopped
        && !(failure instanceof FileNotFoundException)
        && !(failure instanceof AccessDeniedException)
        && !(failure instanceof EOFException);
  }

  private void leave(IOException failure) {
    try {
      close();
    } catch (IOException e) {
      // It is the broken connection that is closed.
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() throws IOException {
    InputStream open = in;
    in = null;
    if (open != null) {
      open.close();
    }
  }
}
