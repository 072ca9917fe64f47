package io.batchinfer.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** A file operation that failed. The message says what was attempted, on which path, and why. */
public class StorageException extends RuntimeException {
  public StorageException(String attempt, IOException cause) {
    this(attempt, reason(cause), cause);
  }

  /**
   * @param reason why it failed, without a full stop
   */
  StorageException(String attempt, String reason, @Nullable Throwable cause) {
    super(attempt + ": " + reason + ".", cause);
  }

  private static String reason(IOException cause) {
    String simpleName = cause.getClass().getSimpleName();
    // Of a local file the message repeats the path, and the reason says why.
    @Nullable String message =
        cause instanceof FileSystemException local ? local.getReason() : cause.getMessage();
    String kind =
        switch (simpleName) {
          case "NoSuchFileException", "FileNotFoundException" -> "there is no such file";
          case "AccessDeniedException", "AccessControlException" -> "permission denied";
          case "FileAlreadyExistsException", "NotDirectoryException" -> "a file is in the way";
          case "IOException", "FileSystemException" -> "";
          default -> simpleName;
        };
    if ("Not a directory".equals(message)) {
      return "a file is in the way";
    }
    if (message == null) {
      return kind.isEmpty() ? simpleName : kind;
    }
    return kind.isEmpty() ? message : kind + " (" + message + ")";
  }
}
