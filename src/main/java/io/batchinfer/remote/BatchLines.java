package io.batchinfer.remote;

import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The lines that were kept of batches, one batch after the other. For one thread. */
public final class BatchLines implements Iterator<BatchLines.Line> {
  private final RemoteFolder folder;
  private final Iterator<Integer> batches;
  private @Nullable LineReader reader;
  private String path = "";
  private @Nullable Line next;

  /**
   * A line.
   *
   * @param key of its row
   */
  public record Line(long key, byte[] content) {}

  public BatchLines(RemoteFolder folder, Iterator<Integer> batches) {
    this.folder = folder;
    this.batches = batches;
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null) {
        LineReader open = reader;
        if (open != null && open.next()) {
          next = read(open);
        } else if (batches.hasNext()) {
          close();
          path = folder.lines(batches.next());
          reader = new LineReader(folder.store().open(path, 0), 0, Integer.MAX_VALUE - 64);
        } else {
          close();
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  private static Line read(LineReader at) throws IOException {
    byte[] content = Arrays.copyOfRange(at.bytes(), at.start(), at.start() + at.length());
    RemoteLine line = RemoteLine.read(content, 0, content.length);
    long key = RowName.keyOf(line.name()).orElseThrow(() -> new IOException("a line is of no row"));
    return new Line(key, content);
  }

  private void close() throws IOException {
    LineReader open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public Line next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Line found = next;
    next = null;
    if (found == null) {
      throw new NoSuchElementException();
    }
    return found;
  }
}
