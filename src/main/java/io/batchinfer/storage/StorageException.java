package io.batchinfer.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file operation that failed. The message says what was attempted, on which path, and why. */
public class StorageException extends RuntimeException {
  public StorageException(String attempt, IOException cause) {
    super(attempt + ": " + reason(cause) + ".", cause);
  }

  private static String reason(IOException cause) {
    String simpleName = cause.getClass().getSimpleName();
    @Nullable String message = cause.getMessage();
    String kind =
        switch (simpleName) {
          case "NoSuchFileException", "FileNotFoundException" -> "there is no such file";
          case "AccessDeniedException", "AccessControlException" -> "permission denied";
          case "FileAlreadyExistsException" -> "a file is in the way";
          case "IOException", "FileSystemException" -> "";
          default -> simpleName;
        };
    if (message == null) {
      return kind.isEmpty() ? simpleName : kind;
    }
    return kind.isEmpty() ? message : kind + " (" + message + ")";
  }
}
