package io.batchinfer.journal;

import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.row.ResultLineReader;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Walks over the rows of a part in the order of their lines. A part that is absent has none. */
public final class PartCursor implements AutoCloseable {
  private static final int MAX_LINE_BYTES = Integer.MAX_VALUE - 64;

  /** {@link #line} behind the last row. */
  public static final int END = Integer.MAX_VALUE;

  private final RowKey keys;
  private final Split split;
  private final String path;
  private final ResultLineReader reader = new ResultLineReader();
  private final @Nullable LineReader lines;
  private int line = -1;

  /** Stands on the first row. */
  public PartCursor(FileStore store, RowKey keys, Split split, String path) {
    this.keys = keys;
    this.split = split;
    this.path = path;
    this.lines =
        store.find(path).isPresent()
            ? new LineReader(store.open(path, 0), 0, MAX_LINE_BYTES)
            : null;
    advance();
  }

  /** Line in the split, from 0, of the row that the cursor stands on. */
  public int line() {
    return line;
  }

  /** Goes on to the row at that line, or behind it where there is none. */
  public void advanceTo(int wanted) {
    while (line < wanted) {
      advance();
    }
  }

  /** Goes on to the next row, or behind the last. */
  public void advance() {
    try {
      if (lines == null || !lines.next()) {
        line = END;
        return;
      }
      ResultLineReader.@Nullable Head head =
          reader.head(lines.bytes(), lines.start(), lines.length());
      OptionalLong packed = head == null ? OptionalLong.empty() : keys.parse(head.id());
      long next = packed.isEmpty() ? -1 : RowKey.lineOf(packed.getAsLong()) - split.firstLine();
      if (next <= line || next >= split.lines()) {
        throw new IOException(
            "byte %d is not the next result line of this job".formatted(lines.offset()));
      }
      line = (int) next;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** The row that the cursor stands on, with its line end. */
  public byte[] row() {
    LineReader open = current();
    return Arrays.copyOfRange(open.bytes(), open.start(), open.start() + open.lengthWithEnd());
  }

  /** Error code of the row that the cursor stands on, or null where it has an answer. */
  @Nullable String unansweredCode() {
    LineReader open = current();
    return reader.unansweredCode(open.bytes(), open.start(), open.length()).orElse(null);
  }

  private LineReader current() {
    LineReader open = lines;
    if (open == null || line == END) {
      throw new IllegalStateException("the cursor stands on no row");
    }
    return open;
  }

  @Override
  public void close() {
    try {
      if (lines != null) {
        lines.close();
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }
}
