package io.batchinfer.engine;

import io.batchinfer.client.OutboundRequest.Entity;
import io.batchinfer.client.OutboundRequest.Json;
import io.batchinfer.client.OutboundRequest.Multipart;
import io.batchinfer.client.OutboundRequest.Part;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.TranscriptionFields;
import io.batchinfer.row.TranscriptionFields.Field;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.MediaRoot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Audio of transcriptions: JSON in the line, a form on the wire. A line may name a file only under
 * the media root, so that whoever writes input cannot make executors read other files.
 */
public final class AudioForms {
  private final FileStore store;
  private final @Nullable MediaRoot root;

  /**
   * @param root qualified media root, or null where lines may name no files
   */
  AudioForms(FileStore store, @Nullable String root) {
    this.store = store;
    this.root = root == null ? null : new MediaRoot(root);
  }

  public static AudioForms of(FileStore store, RunSpec spec) {
    return new AudioForms(store, spec.mediaRoot().map(store::qualify).orElse(null));
  }

  /** The same line, or an invalid one where it names audio that may not or cannot be read. */
  public ParsedLine check(ParsedLine parsed) {
    if (!(parsed instanceof Request request) || !isTranscription(request)) {
      return parsed;
    }
    for (Field field : TranscriptionFields.of(request.body())) {
      if (fileField(request).filter(field.name()::equals).isPresent()) {
        @Nullable String problem = problem(field.value());
        if (problem != null) {
          return new Invalid(request.customId(), ErrorCode.INVALID_MEDIA, problem, "body.file");
        }
      }
    }
    return parsed;
  }

  private @Nullable String problem(String file) {
    if (root == null) {
      return "The line names the audio file \"%s\", but the job has no --media-root; name a file_url, or give the folder."
          .formatted(file);
    }
    Optional<String> path = resolve(file);
    if (path.isEmpty()) {
      return "The audio file \"%s\" is outside the media root.".formatted(file);
    }
    return store.find(path.get()).filter(entry -> !entry.folder()).isPresent()
        ? null
        : "There is no audio file \"%s\" under the media root.".formatted(file);
  }

  private Optional<String> resolve(String file) {
    return Optional.ofNullable(root).flatMap(known -> known.resolve(file));
  }

  /** What to send for a request. */
  public Entity entity(Request request) {
    if (!isTranscription(request)) {
      return new Json(request.body());
    }
    List<Part> parts = new ArrayList<>();
    for (Field field : TranscriptionFields.of(request.body())) {
      if (fileField(request).filter(field.name()::equals).isPresent()) {
        String path = resolve(field.value()).orElseThrow();
        String name = path.substring(path.lastIndexOf('/') + 1);
        parts.add(new Part(field.name(), name, "application/octet-stream", store.readAll(path)));
      } else {
        byte[] value = field.value().getBytes(StandardCharsets.UTF_8);
        parts.add(new Part(field.name(), "", "", value));
      }
    }
    return new Multipart(parts);
  }

  private static Optional<String> fileField(Request request) {
    return Endpoints.at(request.path()).fileField();
  }

  private static boolean isTranscription(Request request) {
    return fileField(request).isPresent();
  }
}
