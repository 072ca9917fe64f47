package io.batchinfer.cli;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStores;
import io.batchinfer.time.Pause;
import java.io.PrintWriter;
import java.time.Duration;

/** The job that a command is about. */
record JobAt(JobFolder folder, JobRecord record) {

  /**
   * Finds the job of {@code --output}.
   *
   * @throws BatchException with {@link ErrorCode#OUTPUT_MISMATCH} where there is none
   */
  static JobAt output(ResolvedOptions options) {
    return at(HadoopFiles.stores(), options.require(InputOutputOptions.OUTPUT));
  }

  /**
   * Finds the job of an output folder.
   *
   * @throws BatchException with {@link ErrorCode#OUTPUT_MISMATCH} where there is none
   */
  static JobAt at(FileStores stores, String output) {
    JobFolder folder = new JobFolder(stores, stores.qualify(output));
    return new JobAt(folder, folder.readRecord().orElseThrow(() -> noJob(folder)));
  }

  /**
   * Finds the job of an output folder that a run may be about to begin.
   *
   * @param looks how often to look, a second each
   * @throws BatchException with {@link ErrorCode#OUTPUT_MISMATCH} where there is none in the end
   */
  static JobAt soon(ResolvedOptions options, int looks, Pause pause, PrintWriter err) {
    FileStores stores = HadoopFiles.stores();
    String output = options.require(InputOutputOptions.OUTPUT);
    JobFolder folder = new JobFolder(stores, stores.qualify(output));
    for (int look = 0; look < looks && !folder.isFile(); look++) {
      if (folder.readRecord().isPresent()) {
        break;
      }
      if (look == 0) {
        err.println(
            "There is no job in \"%s\" yet; waiting %d s for one.".formatted(folder.root(), looks));
        err.flush();
      }
      pause.pause(Duration.ofSeconds(1));
    }
    return at(stores, output);
  }

  private static BatchException noJob(JobFolder folder) {
    if (folder.isFile()) {
      return new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "\"%s\" is a file. Name the folder that was given to \"batchinfer run\" as --output."
              .formatted(folder.root()));
    }
    return new BatchException(
        ErrorCode.OUTPUT_MISMATCH,
        folder.store().find(folder.root()).isPresent()
            ? "There is no job in \"%s\": it holds no job.json. Name the folder that was given to \"batchinfer run\" as --output."
                .formatted(folder.root())
            : "There is no folder \"%s\". Name the one that was given to \"batchinfer run\" as --output."
                .formatted(folder.root()));
  }

  /** The job's plan. */
  Plan plan() {
    return folder
        .readPlan()
        .orElseThrow(
            () ->
                new BatchException(
                    ErrorCode.OUTPUT_MISMATCH,
                    "The job in \"%s\" has no plan yet: its input was never read to the end. Run it first."
                        .formatted(folder.root())));
  }

  /** The status as sentences name it. */
  String status() {
    return record.status().word().replace('_', ' ');
  }
}
