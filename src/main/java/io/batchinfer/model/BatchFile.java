package io.batchinfer.model;

import org.jspecify.annotations.Nullable;

/**
 * A file of the service: an upload, or what a job made.
 *
 * @param id a UUID
 * @param role what the lines are
 * @param lines lines that are not blank
 * @param createdMillis UNIX milliseconds
 * @param expiresMillis UNIX milliseconds from which the file is gone, or null for never
 * @param signature hash of the content, or null where none was made
 * @param visibility as the uploader gave it, or null
 * @param jobId the job that made the file, or null for an upload
 */
public record BatchFile(
    String id,
    String workspace,
    String filename,
    String purpose,
    Role role,
    long bytes,
    long lines,
    long createdMillis,
    @Nullable Long expiresMillis,
    @Nullable String signature,
    @Nullable String visibility,
    @Nullable String jobId) {

  /** What the lines of a file are. */
  public enum Role {
    REQUESTS,
    RESULTS,
    ERRORS
  }

  /** Whether its time is over. */
  public boolean hasExpired(long nowMillis) {
    return expiresMillis != null && expiresMillis <= nowMillis;
  }
}
