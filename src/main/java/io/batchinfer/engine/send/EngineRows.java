package io.batchinfer.engine.send;

import io.batchinfer.config.EngineCommand;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.server.EngineProbe;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.Split;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an engine has to know of a job's rows before the first is sent: the model that they name,
 * and a small request of their kind.
 *
 * @param model the model; empty where rows name several and no option says which is the engine's
 * @param adapters the other models that rows name
 * @param probe a request for one token; empty where no such request is known
 */
record EngineRows(
    Optional<String> model, List<String> adapters, Optional<EngineProbe.Request> probe) {
  private static final Map<String, String> BODIES =
      Map.of(
          EndpointPaths.CHAT_COMPLETIONS,
          "{\"model\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":1}",
          "/v1/completions",
          "{\"model\":%s,\"prompt\":\"Hello\",\"max_tokens\":1}",
          EndpointPaths.EMBEDDINGS,
          "{\"model\":%s,\"input\":\"Hello\"}");

  /** Lines that are looked at for one that can be sent. */
  private static final int MOST_LINES = 10_000;

  /** Of the job's first row that can be sent. */
  static EngineRows of(JobView job, AudioForms transcriptions) {
    Optional<Request> first = firstRow(job, new RowRequests(job, transcriptions));
    List<String> models =
        job.plan().models().listed().stream()
            .map(PlannedModel::name)
            .filter(name -> !name.isEmpty())
            .toList();
    ResolvedOptions options = job.spec().options();
    Optional<String> model =
        options
            .find(EngineOptions.BASE_MODEL)
            .or(() -> options.find(ModelOptions.MODEL))
            .or(() -> models.size() == 1 ? Optional.of(models.get(0)) : Optional.empty());
    List<String> adapters = options.get(EngineOptions.ADAPTERS);
    if (adapters.isEmpty()) {
      adapters = models.stream().filter(name -> !Optional.of(name).equals(model)).toList();
    }
    return new EngineRows(model, adapters, first.flatMap(EngineRows::probe));
  }

  /**
   * The model that goes where the command names it.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where it is not known
   */
  String modelFor(EngineCommand command) {
    if (model.isPresent() || !command.names(EngineCommand.MODEL)) {
      return model.orElse("");
    }
    throw new BatchException(
        ErrorCode.USAGE,
        adapters.isEmpty()
            ? "--engine has {model}, and no row names a model; give --model NAME, or write the model's name into the command."
            : "--engine has {model}, and the rows name %d models (%s); write the model's name into the command, or say with --model NAME --keep-line-models which is the engine's own."
                .formatted(
                    adapters.size(), adapters.stream().limit(3).collect(Collectors.joining(", "))));
  }

  private static Optional<Request> firstRow(JobView job, RowRequests requests) {
    for (Split split : job.plan().splits()) {
      if (split.rows() > split.invalid()) {
        return firstRow(job, split, requests);
      }
    }
    return Optional.empty();
  }

  private static Optional<Request> firstRow(JobView job, Split split, RowRequests requests) {
    try (LineReader lines =
        new LineReader(
            job.folder().store().open(split.path(), split.start()),
            split.start(),
            job.spec().maxLineBytes())) {
      for (int i = 0; i < Math.min(MOST_LINES, split.lines()) && lines.next(); i++) {
        if (lines.tooLong() || lines.isBlank()) {
          continue;
        }
        ParsedLine parsed = requests.parse(lines);
        if (parsed instanceof Request request) {
          return Optional.of(request);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }

  private static Optional<EngineProbe.Request> probe(Request row) {
    @Nullable String body = BODIES.get(row.path());
    if (body == null) {
      return Optional.empty();
    }
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    AsciiJson.writeString(row.model(), model);
    return Optional.of(
        new EngineProbe.Request(
            row.path(), body.formatted(model.toString(StandardCharsets.US_ASCII))));
  }
}
