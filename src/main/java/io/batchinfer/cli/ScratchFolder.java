package io.batchinfer.cli;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder on the local disk that only this user can read and that goes away with the command. */
final class ScratchFolder implements AutoCloseable {
  private final FileStores stores;
  private final Path folder;
  private final Thread atExit = new Thread(this::delete, "batchinfer-scratch");

  private ScratchFolder(FileStores stores, Path folder) {
    this.stores = stores;
    this.folder = folder;
  }

  static ScratchFolder make(FileStores stores) {
    try {
      ScratchFolder made = new ScratchFolder(stores, Files.createTempDirectory("batchinfer-"));
      Runtime.getRuntime().addShutdownHook(made.atExit);
      return made;
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.STORAGE_FAILED,
          "Cannot make a temporary folder in \"%s\": %s. Make room there, or name another one with BATCHINFER_JAVA_OPTS=-Djava.io.tmpdir=FOLDER."
              .formatted(System.getProperty("java.io.tmpdir"), e.getMessage()),
          e);
    }
  }

  /** Qualified path of the folder. */
  String path() {
    return "file:" + folder;
  }

  private void delete() {
    stores.delete(path());
  }

  @Override
  public void close() {
    delete();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM ends already, and the hook finds nothing left to delete.
      return;
    }
  }
}
