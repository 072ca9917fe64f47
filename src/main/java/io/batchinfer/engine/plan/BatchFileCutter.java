package io.batchinfer.engine.plan;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.Compression;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a set of requests into files that a provider's batch service takes. Lines stay as they are,
 * except that the last of a file gets its line end; blank lines are dropped. For one thread.
 */
public final class BatchFileCutter {
  private static final int BUFFER = 1 << 18;

  private final FileStore store;
  private final String folder;
  private final long maxLines;
  private final long maxBytes;
  private final List<String> written = new ArrayList<>();
  private @Nullable OutputStream out;
  private String path = "";
  private long fileLines;
  private long fileBytes;
  private long lines;
  private long bytes;

  /**
   * @param folder qualified, new or empty
   * @param maxLines most lines of one file
   * @param maxBytes most bytes of one file, line ends included
   */
  public BatchFileCutter(FileStore store, String folder, long maxLines, long maxBytes) {
    this.store = store;
    this.folder = folder;
    this.maxLines = maxLines;
    this.maxBytes = maxBytes;
  }

  /** What was written. */
  public record Cut(int files, long lines, long bytes) {}

  /**
   * Reads the files in order and writes them anew. Leaves nothing behind when it fails.
   *
   * @throws BatchException with {@link ErrorCode#INVALID_INPUT} for a line that no file can hold
   */
  public Cut cut(List<FileStore.Entry> files) {
    boolean done = false;
    try {
      for (FileStore.Entry file : files) {
        cut(file);
      }
      finishFile();
      done = true;
    } finally {
      if (!done) {
        abandon();
      }
    }
    if (written.isEmpty()) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT, "The input has only blank lines: there is nothing to cut.");
    }
    return new Cut(written.size(), lines, bytes);
  }

  private void cut(FileStore.Entry file) {
    int longest = (int) Math.min(Integer.MAX_VALUE - 64L, maxBytes);
    long line = 0;
    try (InputStream raw = new BufferedInputStream(store.open(file.path(), 0), BUFFER);
        LineReader reader =
            new LineReader(Compression.ofName(file.path()).decompress(raw), 0, longest)) {
      while (reader.next()) {
        line++;
        if (!reader.isBlank()) {
          take(reader, file, line);
        }
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + file.path() + "\"", e);
    }
  }

  private void take(LineReader reader, FileStore.Entry file, long line) {
    int length = reader.tooLong() ? 0 : reader.lengthWithEnd();
    boolean ended = length > 0 && reader.bytes()[reader.start() + length - 1] == '\n';
    long size = length + (ended ? 0L : 1L);
    if (reader.tooLong() || size > maxBytes) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT,
          "Line %d of \"%s\" is longer than a whole file may be (%d bytes), so no file can hold it. Shorten it, or raise --max-file-bytes if the provider takes more; nothing was kept."
              .formatted(line, file.path(), maxBytes));
    }
    if (out != null && (fileLines == maxLines || fileBytes + size > maxBytes)) {
      finishFile();
    }
    try {
      OutputStream open = out == null ? openFile() : out;
      open.write(reader.bytes(), reader.start(), length);
      if (!ended) {
        open.write('\n');
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
    fileLines++;
    fileBytes += size;
    lines++;
    bytes += size;
  }

  private OutputStream openFile() {
    path = folder + "/batch-%05d.jsonl".formatted(written.size());
    OutputStream opened = store.create(path);
    written.add(path);
    out = opened;
    fileLines = 0;
    fileBytes = 0;
    return opened;
  }

  private void finishFile() {
    OutputStream open = out;
    out = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }
  }

  private void abandon() {
    try {
      finishFile();
    } finally {
      written.forEach(store::delete);
    }
  }
}
