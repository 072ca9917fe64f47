package io.batchinfer.store;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchFile;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bytes of a file: those of an upload, or of the parts that a job wrote. */
public final class StoredContent {
  private final FileStore store;
  private final List<Piece> pieces;

  private record Piece(String path, long bytes) {}

  private StoredContent(FileStore store, List<Piece> pieces) {
    this.store = store;
    this.pieces = pieces;
  }

  /** Looks where the bytes are. Blocks. */
  public static StoredContent of(BatchStore batches, BatchFile file) {
    FileStore store = batches.files();
    if (file.jobId() == null) {
      return new StoredContent(
          store, List.of(new Piece(batches.content(file.workspace(), file.id()), file.bytes())));
    }
    JobFolder run = batches.run(file.workspace(), file.jobId());
    String folder = file.role() == BatchFile.Role.RESULTS ? run.results() : run.errors();
    List<Piece> parts = new ArrayList<>();
    for (FileStore.Entry entry : store.list(folder)) {
      if (entry.name().startsWith("part-")) {
        parts.add(new Piece(entry.path(), entry.bytes()));
      }
    }
    return new StoredContent(store, parts);
  }

  /**
   * Looks where the bytes are. Blocks.
   *
   * @throws StorageException where there are not as many as there must be
   */
  public static StoredContent whole(BatchStore batches, BatchFile file) {
    StoredContent content = of(batches, file);
    if (content.bytes() != file.bytes()) {
      throw new StorageException(
          "Cannot read file " + file.id(),
          new EOFException(
              "%,d of its %,d bytes are stored".formatted(content.bytes(), file.bytes())));
    }
    return content;
  }

  public long bytes() {
    return pieces.stream().mapToLong(Piece::bytes).sum();
  }

  /** The one file of this machine that holds all, if it is one. */
  public Optional<String> localFile() {
    return pieces.size() == 1 && FileStores.isLocal(pieces.get(0).path())
        ? Optional.of(pieces.get(0).path().replaceFirst("^file:(//(?=/))?", ""))
        : Optional.empty();
  }

  /** The bytes from an offset on. The caller closes the stream. */
  public InputStream open(long offset) {
    List<Piece> rest = new ArrayList<>();
    long skipped = 0;
    long first = 0;
    for (Piece piece : pieces) {
      if (skipped + piece.bytes() > offset || !rest.isEmpty()) {
        if (rest.isEmpty()) {
          first = offset - skipped;
        }
        rest.add(piece);
      }
      skipped += piece.bytes();
    }
    return new PiecesStream(rest.iterator(), first);
  }

  /** Reads one piece after the other. */
  private final class PiecesStream extends InputStream {
    private final Iterator<Piece> rest;
    private long offset;
    private @Nullable InputStream current;

    PiecesStream(Iterator<Piece> rest, long offset) {
      this.rest = rest;
      this.offset = offset;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int start, int length) throws IOException {
      while (true) {
        InputStream piece = current;
        if (piece == null) {
          if (!rest.hasNext()) {
            return -1;
          }
          piece = store.open(rest.next().path(), offset);
          current = piece;
          offset = 0;
        }
        int read = piece.read(bytes, start, length);
        if (read >= 0) {
          return read;
        }
        close();
      }
    }

    @Override
    public void close() throws IOException {
      InputStream piece = current;
      current = null;
      if (piece != null) {
        piece.close();
      }
    }
  }
}
