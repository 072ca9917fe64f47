package io.batchinfer.cli;

import io.batchinfer.job.SubmissionNote;
import io.batchinfer.json.JsonLine;
import io.batchinfer.launch.RunFailure;
import io.batchinfer.model.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a command failed, as it is reported.
 *
 * @param code what kind of failure it is; {@link ErrorCode#INTERNAL} for what nobody foresaw
 * @param message for the user
 */
record Failure(ErrorCode code, String message) {
  /** The failure that has words for the user, which Spark may have wrapped. */
  static Failure of(Throwable thrown) {
    RunFailure failure = RunFailure.of(thrown);
    return new Failure(failure.code(), failure.message());
  }

  /**
   * The one object that {@code --json} prints, of a job whose id is known or not.
   *
   * @param exitCode with which the command ends
   */
  String json(Optional<String> jobId, int exitCode) {
    return json(jobId, code.code(), exitCode, message);
  }

  /** The same for a command line that cannot be understood. */
  static String usage(String message) {
    return json(Optional.empty(), ErrorCode.USAGE.code(), ErrorCode.USAGE.exitCode(), message);
  }

  /** The same for one that happened on the cluster, of which only the end is known here. */
  static String json(SubmissionNote note) {
    return json(Optional.empty(), null, note.exitCode(), note.message());
  }

  private static String json(
      Optional<String> jobId, @Nullable String code, int exitCode, String message) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("job_id", jobId.orElse(null));
    object.put("status", "error");
    object.put("error", code);
    object.put("exit_code", exitCode);
    object.put("message", message);
    return JsonLine.of(object);
  }
}
