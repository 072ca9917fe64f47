package io.batchinfer.engine.run;

import io.batchinfer.engine.Unexpected;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.storage.StorageException;

/**
 * What the record of a job says whose run was ended by an exception, wherever: that it stopped, and
 * why. A later run goes on.
 */
record FailedRun(JobStatus status, String message, int exitCode) {
  static FailedRun of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException known) {
        return of(known.code(), String.valueOf(known.getMessage()));
      }
      if (cause instanceof StorageException) {
        return of(ErrorCode.STORAGE_FAILED, String.valueOf(cause.getMessage()));
      }
    }
    return of(
        ErrorCode.INTERNAL,
        "The run could not go on: %s. What was answered is saved; the same command goes on where this one stopped."
            .formatted(Unexpected.causeOf(thrown).getClass().getSimpleName()));
  }

  private static FailedRun of(ErrorCode code, String message) {
    return new FailedRun(
        code == ErrorCode.INTERRUPTED ? JobStatus.INTERRUPTED : JobStatus.STOPPED,
        message,
        code.exitCode());
  }
}
