package io.batchinfer.job;

import io.batchinfer.storage.FileStore;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How a command ended, left in the output folder for the script that submitted it: in cluster mode
 * the driver's exit code and output stay on the cluster.
 *
 * @param exitCode exit code of the command
 * @param message what the user is to be told, or empty
 */
public record SubmissionNote(int exitCode, String message) {

  /**
   * Leaves the note in the folder, or beside it where the folder is not a job's, in which nothing
   * may be touched.
   */
  public void leave(JobFolder folder, String token) {
    boolean foreign =
        folder.isFile()
            || (!folder.hasRecord()
                && !folder.isEmpty()
                && folder.store().find(folder.journal()).isEmpty());
    byte[] content = (exitCode + "\n" + message).getBytes(StandardCharsets.UTF_8);
    folder
        .store()
        .replace(foreign ? folder.submissionBeside(token) : folder.submission(token), content);
  }

  /** Takes the note of that submission away, if there is one. */
  public static Optional<SubmissionNote> take(JobFolder folder, String token) {
    return take(folder.store(), folder.submission(token))
        .or(() -> take(folder.store(), folder.submissionBeside(token)));
  }

  private static Optional<SubmissionNote> take(FileStore store, String path) {
    if (store.find(path).isEmpty()) {
      return Optional.empty();
    }
    String content = new String(store.readAll(path), StandardCharsets.UTF_8);
    store.delete(path);
    int lineEnd = content.indexOf('\n');
    return Optional.of(
        new SubmissionNote(
            Integer.parseInt(content.substring(0, lineEnd)), content.substring(lineEnd + 1)));
  }
}
