package io.batchinfer.table.answers;

import io.batchinfer.row.InputLine;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the rows of a split that have no outcome. The input is opened only where it must be
 * read: for the {@code custom_id}s, or to tell rows from blank lines. Not thread-safe.
 */
final class OpenLines implements AutoCloseable {
  private static final int MAX_LINE_BYTES = Integer.MAX_VALUE - 64;

  private final SplitTask split;
  private final BitSet settled;
  private final boolean wantsIds;
  private final @Nullable LineReader input;
  private int line = -1;

  /**
   * Stands on the first row.
   *
   * @param settled lines, from 0 in the split, that are not to be walked over
   */
  OpenLines(FileStore store, SplitTask split, BitSet settled, boolean wantsIds) {
    this.split = split;
    this.settled = settled;
    this.wantsIds = wantsIds;
    boolean any = settled.nextClearBit(0) < split.lines();
    boolean read = any && (wantsIds || split.rows() < split.lines());
    this.input = read ? open(store, split) : null;
    next();
  }

  private static LineReader open(FileStore store, SplitTask split) {
    return new LineReader(store.open(split.path(), split.start()), split.start(), MAX_LINE_BYTES);
  }

  /** Goes on to the next row. */
  void next() {
    LineReader open = input;
    if (open == null) {
      line = settled.nextClearBit(line + 1);
      return;
    }
    try {
      do {
        line++;
        if (line < split.lines() && !open.next()) {
          throw new IOException(
              "it ends before line " + (split.firstLine() + line) + ", which the job has");
        }
      } while (line < split.lines() && (settled.get(line) || open.isBlank()));
    } catch (IOException e) {
      throw new StorageException(
          "Cannot read the rows that are open from \"" + split.path() + "\"", e);
    }
  }

  /** Line in the input file of the row that this stands on, from 1; behind the last, no row's. */
  long line() {
    return line >= split.lines() ? PartLines.END : split.firstLine() + line;
  }

  /** The row's {@code custom_id}, or null where it has none or none is wanted. */
  @Nullable String customId() {
    LineReader open = input;
    return open == null || !wantsIds
        ? null
        : InputLine.read(open.bytes(), open.start(), open.length())
            .map(InputLine::customId)
            .orElse(null);
  }

  @Override
  public void close() {
    LineReader open = input;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }
}
