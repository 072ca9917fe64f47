package io.batchinfer.job;

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

  /** Leaves the note, but only in a folder that is a job's or that is not there yet. */
  public void leave(JobFolder folder, String token) {
    boolean foreign = folder.readRecord().isEmpty() && !folder.isEmpty();
    if (!foreign || folder.store().find(folder.journal()).isPresent()) {
      byte[] content = (exitCode + "\n" + message).getBytes(StandardCharsets.UTF_8);
      folder.store().replace(folder.submission(token), content);
    }
  }

  /** Takes the note of that submission away, if there is one. */
  public static Optional<SubmissionNote> take(JobFolder folder, String token) {
    String path = folder.submission(token);
    if (folder.store().find(path).isEmpty()) {
      return Optional.empty();
    }
    String content = new String(folder.store().readAll(path), StandardCharsets.UTF_8);
    folder.store().delete(path);
    int lineEnd = content.indexOf('\n');
    return Optional.of(
        new SubmissionNote(
            Integer.parseInt(content.substring(0, lineEnd)), content.substring(lineEnd + 1)));
  }
}
