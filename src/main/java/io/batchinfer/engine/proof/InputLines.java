package io.batchinfer.engine.proof;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import io.batchinfer.storage.Compression;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds lines of a job's input again by file and line number, in rising order, without holding more
 * than one. Not thread-safe.
 */
final class InputLines implements AutoCloseable {
  private static final int MAX_LINE_BYTES = Integer.MAX_VALUE - 64;
  private static final int BUFFER = 1 << 18;

  private final FileStore store;
  private final Plan plan;
  private @Nullable LineReader reader;
  private int file = -1;
  private long line;

  InputLines(FileStore store, Plan plan) {
    this.store = store;
    this.plan = plan;
  }

  /**
   * Goes on to a line.
   *
   * @param split split of the line
   * @param wanted physical line number in its file, not lower than that of the last call for it
   * @return the reader, standing on the line
   * @throws BatchException if the input is no longer what the job was planned from
   */
  LineReader at(Split split, long wanted) {
    InputFile input = plan.files().get(split.file());
    try {
      boolean packed = Compression.ofName(input.path()) != Compression.NONE;
      LineReader open = reader;
      boolean reachable =
          open != null && file == split.file() && (packed || line + 1 >= split.firstLine());
      if (open == null || !reachable) {
        open = open(input, split, packed);
      }
      while (line < wanted) {
        if (!open.next()) {
          throw changed(input, wanted);
        }
        line++;
      }
      return open;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + input.path() + "\"", e);
    }
  }

  private LineReader open(InputFile input, Split split, boolean packed) throws IOException {
    close();
    Optional<FileStore.Entry> found = store.find(input.path());
    if (found.isEmpty()) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT,
          "The input file \"%s\" is gone, so its lines cannot be read again. Put it back where it was; the results themselves are complete without it."
              .formatted(input.path()));
    }
    if (found.get().bytes() != input.bytes()) {
      throw changed(input, split.firstLine());
    }
    LineReader opened;
    if (packed) {
      InputStream raw = new BufferedInputStream(store.open(input.path(), 0), BUFFER);
      opened = new LineReader(Compression.ofName(input.path()).decompress(raw), 0, MAX_LINE_BYTES);
      line = 0;
    } else {
      opened =
          new LineReader(store.open(input.path(), split.start()), split.start(), MAX_LINE_BYTES);
      line = split.firstLine() - 1;
    }
    reader = opened;
    file = split.file();
    return opened;
  }

  /** That a line is not the one of the job. */
  static BatchException changed(InputFile input, long line) {
    return new BatchException(
        ErrorCode.OUTPUT_MISMATCH,
        "The input file \"%s\" has changed since the job ran: line %d is not what it was. Put the file back as it was; the results themselves are complete without it."
            .formatted(input.path(), line));
  }

  @Override
  public void close() throws IOException {
    LineReader open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }
}
