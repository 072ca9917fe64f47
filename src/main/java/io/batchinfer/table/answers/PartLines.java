package io.batchinfer.table.answers;

import io.batchinfer.model.RowKey;
import io.batchinfer.row.ResultAnswer;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Walks over the rows of a part. A part that is absent has none. Not thread-safe. */
final class PartLines implements AutoCloseable {
  private static final int MAX_LINE_BYTES = Integer.MAX_VALUE - 64;

  /** {@link #line} behind the last row. */
  static final long END = Long.MAX_VALUE;

  private final String path;
  private final RowKey keys;
  private final ResultAnswer answer;
  private final @Nullable LineReader lines;
  private long line;

  /**
   * Stands on the first row.
   *
   * @param path null for no part
   */
  PartLines(FileStore store, @Nullable String path, RowKey keys, ResultAnswer answer) {
    this.path = path == null ? "" : path;
    this.keys = keys;
    this.answer = answer;
    this.lines =
        path == null || store.find(path).isEmpty()
            ? null
            : new LineReader(store.open(path, 0), 0, MAX_LINE_BYTES);
    next();
  }

  /** Goes on to the next row. */
  void next() {
    LineReader open = lines;
    try {
      if (open == null || !open.next()) {
        line = END;
        return;
      }
      answer.read(open.bytes(), open.start(), open.length());
      OptionalLong packed = keys.parse(answer.id());
      if (packed.isEmpty()) {
        throw new IOException("the line is one of another job");
      }
      line = RowKey.lineOf(packed.getAsLong());
    } catch (IOException e) {
      throw new StorageException(
          "Cannot read \"" + path + "\" at byte " + (open == null ? 0 : open.offset()), e);
    }
  }

  /** Line in the input file of the row that this stands on, from 1. */
  long line() {
    return line;
  }

  /** The row that this stands on. */
  ResultAnswer answer() {
    return answer;
  }

  /** The bytes in which the row stands. */
  byte[] bytes() {
    LineReader open = lines;
    return open == null ? new byte[0] : open.bytes();
  }

  @Override
  public void close() {
    LineReader open = lines;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }
}
