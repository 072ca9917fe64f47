package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.SubmissionNote;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The note that a driver on the cluster leaves for the script that submitted it. There is one for
 * every end, even of a command line that the driver could not read.
 *
 * @param inputs as they were given
 * @param output as it was given
 * @param token name of the note
 */
record ClusterNote(List<String> inputs, String output, String token) {
  private static final String PROPERTY = "spark.batchinfer." + GeneralOptions.SUBMISSION.name();

  /** What a path can be to blame for. */
  private static final Set<ErrorCode> OF_PATHS =
      Set.of(ErrorCode.INVALID_INPUT, ErrorCode.STORAGE_FAILED, ErrorCode.OUTPUT_MISMATCH);

  ClusterNote {
    inputs = List.copyOf(inputs);
  }

  /**
   * The note that is asked for, if one is.
   *
   * @param flags values by option name, as given on the command line
   */
  static Optional<ClusterNote> wanted(Map<String, List<String>> flags) {
    List<String> tokens =
        flags.getOrDefault(
            GeneralOptions.SUBMISSION.name(),
            Optional.ofNullable(System.getProperty(PROPERTY)).stream().toList());
    List<String> outputs = flags.getOrDefault(InputOutputOptions.OUTPUT.name(), List.of());
    return tokens.isEmpty() || outputs.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ClusterNote(
                flags.getOrDefault(InputOutputOptions.INPUT.name(), List.of()),
                outputs.get(0),
                tokens.get(0)));
  }

  /** Leaves a note of an end that the job's record shows. */
  void leave(int exitCode) {
    new SubmissionNote(exitCode, "").leave(folder(), token);
  }

  /** Leaves a note of a failure, which stays the failure whatever becomes of the note. */
  void leave(Throwable thrown) {
    Failure failure = Failure.of(thrown);
    String message = failure.message();
    if (OF_PATHS.contains(failure.code())) {
      message += where();
    }
    try {
      new SubmissionNote(failure.code().exitCode(), message).leave(folder(), token);
    } catch (StorageException e) {
      thrown.addSuppressed(e);
    }
  }

  private JobFolder folder() {
    FileStores stores = HadoopFiles.stores();
    return new JobFolder(stores, stores.qualify(output));
  }

  /** Whose paths they are, where any could be of more than one machine. */
  private String where() {
    List<String> local = new ArrayList<>(inputs);
    local.add(output);
    local.removeIf(path -> path.contains("://"));
    return local.isEmpty()
        ? ""
        : " In cluster mode %s looked up by the driver, on the machine that it runs on, in \"%s\"; name files that all machines see."
            .formatted(
                "\"" + String.join("\", \"", local) + "\"" + (local.size() == 1 ? " is" : " are"),
                Path.of("").toAbsolutePath());
  }
}
