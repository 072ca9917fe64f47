package io.batchinfer.remote;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.remote.RemoteBatchApi.StoredFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of batches at a provider, which both dialects have in the same form. Thread-safe. */
final class RemoteFiles {
  static final String PATH = "/v1/files";

  private final RemoteCalls calls;

  RemoteFiles(RemoteCalls calls) {
    this.calls = calls;
  }

  /** Stores a file of requests; returns its id. */
  String upload(String fileName, Path file) throws InterruptedException {
    return calls.upload(PATH, Map.of("purpose", "batch"), fileName, file).path("id").asText();
  }

  void download(String id, Path to) throws InterruptedException {
    calls.download(PATH + "/" + id, to);
  }

  /** Deletes a file, which may be gone. */
  void delete(String id) throws InterruptedException {
    calls.delete(PATH + "/" + id);
  }

  /** A file of a list, if its name begins so. */
  static Optional<StoredFile> named(JsonNode file, String prefix) {
    String name = file.path("filename").asText("");
    return name.startsWith(prefix)
        ? Optional.of(new StoredFile(file.path("id").asText(), name, file.path("bytes").asLong(-1)))
        : Optional.empty();
  }

  /** The files that a batch names under those keys. */
  static List<String> ids(JsonNode batch, String... keys) {
    return Stream.of(keys)
        .map(key -> batch.path(key).asText(""))
        .filter(id -> !id.isEmpty() && !id.equals("null"))
        .toList();
  }
}
