package io.batchinfer.storage;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * A file that appears when it is closed, so one that could not be written to its end is not closed
 * but abandoned. Not thread-safe.
 */
final class ObjectStream extends OutputStream {
  private final FSDataOutputStream out;
  private boolean broken;

  ObjectStream(FSDataOutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    boolean written = false;
    try {
      out.write(bytes, offset, length);
      written = true;
    } finally {
      broken |= !written;
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Makes the file appear, unless it is one by half. */
  @Override
  public void close() throws IOException {
    if (broken) {
      abandon();
    } else {
      // Whatever becomes of the close: a store takes a file whole or not at all.
      out.close();
    }
  }

  /** Whether what was written so far can be thrown away. */
  boolean canBeAbandoned() {
    return out.hasCapability(StreamCapabilities.ABORTABLE_STREAM);
  }

  /** Lets the file not appear. */
  void abandon() {
    broken = true;
    if (canBeAbandoned()) {
      out.abort();
    }
    // Another stream is left open: closing it would make the file appear.
  }
}
