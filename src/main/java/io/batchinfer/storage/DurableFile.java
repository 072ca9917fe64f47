package io.batchinfer.storage;

/** A growing file. Not thread-safe. */
public interface DurableFile extends AutoCloseable {
  void write(byte[] bytes, int offset, int length);

  /** After this, what was written survives the death of this process. */
  void sync();

  @Override
  void close();
}
