package io.batchinfer;

import io.batchinfer.launch.RunFailure;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a run did not end with its job completed: the one exception of {@link BatchInference}. Its
 * message says how the job ended, what it spent, and how to go on.
 */
public final class BatchInferenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final int exitCode;
  private final transient @Nullable JobRecord job;

  BatchInferenceException(
      String code,
      int exitCode,
      String message,
      @Nullable JobRecord job,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.exitCode = exitCode;
    this.job = job;
  }

  /** The same failure as this one exception, with the words that the command would say. */
  public static BatchInferenceException of(Throwable thrown) {
    if (thrown instanceof BatchInferenceException already) {
      return already;
    }
    RunFailure failure = RunFailure.of(thrown);
    ErrorCode code = failure.code();
    return new BatchInferenceException(
        code.code(), code.exitCode(), failure.message(), null, thrown);
  }

  /** A stable name: an error code of the reference, or the status of the job that ended so. */
  public String code() {
    return code;
  }

  /** The exit code that the command {@code run} would have ended with; never 0. */
  public int exitCode() {
    return exitCode;
  }

  /** The job as it was written last; empty where it did not begin or could not be read. */
  public Optional<JobRecord> job() {
    return Optional.ofNullable(job);
  }
}
