package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import io.batchinfer.row.StagedLine;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import io.batchinfer.table.render.RenderedRow;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes one partition's lines, and beside them the hashes of its rows. A row without key is named
 * by its request and the number that it has among equal ones.
 */
final class PartWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final String path;
  private final OutputStream lines;
  private final DataOutputStream hashes;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 10);
  private final RowDigest digest = new RowDigest();
  private long bytes;
  private TableSum sum = TableSum.NOTHING;

  PartWriter(FileStore store, String path) {
    this.path = path;
    this.lines = new BufferedOutputStream(store.create(path), BUFFER);
    this.hashes =
        new DataOutputStream(
            new BufferedOutputStream(store.create(StagedPart.hashesOf(path)), BUFFER));
  }

  /**
   * Writes a row.
   *
   * @param named whether rows are named by a key, so that a row without one has no name
   */
  void write(RenderedRow row, boolean named) {
    RowDigest.Row hash = digest.of(row);
    sum = sum.plusRow(digest.share(hash));
    line.reset();
    line(line, row, named, hash);
    bytes += line.size();
    try {
      line.writeTo(lines);
      hashes.writeLong(hash.key().high());
      hashes.writeLong(hash.key().low());
      hashes.writeLong(hash.request().high());
      hashes.writeLong(hash.request().low());
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  /** Adds a row's line to bytes. */
  static void line(ByteArrayOutputStream line, RenderedRow row, boolean named, RowDigest.Row hash) {
    @Nullable String id = named ? row.key() : idOf(hash.request(), 0);
    RenderedRow.Problem problem = row.problem();
    if (problem != null) {
      StagedLine.writeUnsendable(line, id, problem.code(), problem.message());
    } else {
      StagedLine.write(line, id, Objects.requireNonNull(row.body(), "body"));
    }
  }

  /** The name of a row without key; equal ones are counted from 0. */
  static String idOf(Hash128 request, long ordinal) {
    return request.hex() + "-" + ordinal;
  }

  StagedPart finished(int partition) {
    return new StagedPart(partition, path, bytes, sum);
  }

  @Override
  public void close() {
    try (OutputStream one = lines;
        OutputStream other = hashes) {
      one.flush();
      other.flush();
    } catch (IOException e) {
      throw unwritten(e);
    }
  }

  private StorageException unwritten(IOException e) {
    return new StorageException("Cannot write \"" + path + "\"", e);
  }
}
