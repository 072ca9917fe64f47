package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.function.Consumer;

/** The hashes of a part's rows, in their order. */
final class HashFile {
  private HashFile() {}

  static void forEach(FileStore store, StagedPart part, Consumer<RowDigest.Row> reader) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(store.open(part.hashes(), 0), 1 << 16))) {
      for (long row = 0; row < part.sum().rows(); row++) {
        reader.accept(
            new RowDigest.Row(
                new Hash128(in.readLong(), in.readLong()),
                new Hash128(in.readLong(), in.readLong())));
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + part.hashes() + "\"", e);
    }
  }
}
