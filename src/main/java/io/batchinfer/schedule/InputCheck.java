package io.batchinfer.schedule;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.row.StrictLine;
import io.batchinfer.row.StrictLineReader;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.BatchRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What OpenAI's batch API says about an input file before a job begins: one problem per bad line,
 * and none of the job runs. Reads the file as a stream. Thread-safe.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/batch/object">the batch object</a>
 */
public final class InputCheck {
  /** All jobs are in memory, failed ones with their problems. */
  private static final int MOST_PROBLEMS = 200;

  private final BatchRegistry registry;
  private final Limits limits;

  /**
   * What a job may hold.
   *
   * @param lines most requests, and most inputs of all requests for embeddings together
   * @param bytes most bytes of the file
   * @param lineBytes most bytes of a line
   * @param mixedModels whether the lines may name different models
   */
  public record Limits(long lines, long bytes, int lineBytes, boolean mixedModels) {}

  public InputCheck(BatchRegistry registry, Limits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /**
   * What was found.
   *
   * @param model the one model of all lines, or null
   */
  record Finding(long lines, @Nullable String model, List<Problem> problems) {}

  Finding check(BatchJob job) {
    String id = job.spec().inputFiles().get(0);
    // A file whose time ran out while the job waited is kept for it.
    Optional<BatchFile> file =
        registry
            .anyFile(job.workspace(), id)
            .filter(found -> !found.hasExpired(job.spec().createdMillis()));
    if (file.isEmpty()) {
      return refused(
          "invalid_request",
          "Cannot find file %s, or the workspace does not have access to it.".formatted(id),
          "file_id");
    }
    if (file.get().bytes() > limits.bytes()) {
      return refused(
          "file_too_large",
          "The input file has %,d bytes; a batch takes at most %,d."
              .formatted(file.get().bytes(), limits.bytes()),
          null);
    }
    String path = registry.store().content(job.workspace(), id);
    try (LineReader lines =
        new LineReader(registry.store().files().open(path, 0), 0, limits.lineBytes())) {
      return check(job, lines);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  private static Finding refused(String code, String message, @Nullable String param) {
    return new Finding(0, null, List.of(new Problem(code, message, param, null, 1)));
  }

  private Finding check(BatchJob job, LineReader lines) throws IOException {
    StrictLineReader reader =
        new StrictLineReader(job.spec().endpoint(), job.spec().target().model() != null);
    List<Problem> problems = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Set<String> models = new HashSet<>();
    long number = 0;
    long requests = 0;
    long inputs = 0;
    while (lines.next() && problems.size() < MOST_PROBLEMS) {
      number++;
      if (lines.isBlank()) {
        continue;
      }
      requests++;
      if (lines.tooLong()) {
        problems.add(
            new Problem(
                ErrorCode.LINE_TOO_LARGE.code(),
                "This line is longer than %,d bytes.".formatted(limits.lineBytes()),
                null,
                number,
                1));
        continue;
      }
      if (requests > limits.lines()) {
        return refused(
            "too_many_tasks",
            "The number of requests exceeds the maximum of %,d per batch."
                .formatted(limits.lines()),
            null);
      }
      StrictLine line = reader.read(lines.bytes(), lines.start(), lines.length());
      inputs += line.embeddingInputs();
      if (inputs > limits.lines()) {
        return refused(
            "too_many_tasks",
            "The number of embedding inputs exceeds the maximum of %,d per batch."
                .formatted(limits.lines()),
            null);
      }
      long physical = number;
      line.problem()
          .ifPresent(
              found ->
                  problems.add(
                      new Problem(found.code(), found.message(), found.param(), physical, 1)));
      if (line.customId() != null && !ids.add(line.customId())) {
        problems.add(
            new Problem(
                "duplicate_custom_id",
                "The custom ID for this request is a duplicate of the custom ID in another request.",
                "custom_id",
                physical,
                1));
      }
      if (line.model() != null && !line.model().isEmpty() && models.add(line.model())) {
        if (models.size() > 1 && !limits.mixedModels()) {
          problems.add(
              new Problem(
                  "mismatched_model",
                  "Each batch must contain requests for a single model",
                  null,
                  physical,
                  1));
        }
      }
    }
    if (requests == 0) {
      return refused(
          "empty_file",
          "The input file is empty. Please ensure that the batch contains at least one request.",
          null);
    }
    return new Finding(requests, models.size() == 1 ? models.iterator().next() : null, problems);
  }
}
