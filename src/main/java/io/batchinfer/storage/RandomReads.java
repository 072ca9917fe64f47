package io.batchinfer.storage;

/** Reads a file at any place, through one handle. Not thread-safe. */
public interface RandomReads extends AutoCloseable {
  /**
   * Reads from a position until the array is full or the file ends.
   *
   * @return bytes read; fewer than asked for only at the end of the file, 0 after it
   */
  int read(long position, byte[] bytes);

  @Override
  void close();
}
