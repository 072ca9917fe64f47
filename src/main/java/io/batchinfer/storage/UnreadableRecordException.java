package io.batchinfer.storage;

import java.io.IOException;

/** A file that was read but does not hold what it should: trying again changes nothing. */
public final class UnreadableRecordException extends StorageException {
  public UnreadableRecordException(String path, IOException cause) {
    super("The record \"" + path + "\" is damaged", cause);
  }
}
