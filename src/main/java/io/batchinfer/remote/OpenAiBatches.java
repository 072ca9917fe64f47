package io.batchinfer.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.client.http.ApiClient;
import io.batchinfer.json.Json;
import io.batchinfer.remote.RemoteBatch.Counts;
import io.batchinfer.remote.RemoteBatch.Phase;
import io.batchinfer.remote.RemoteBatch.Problem;
import io.batchinfer.remote.RemoteException.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The dialect of OpenAI: {@code /v1/files} and {@code /v1/batches}. */
final class OpenAiBatches implements RemoteBatchApi {
  private static final int MOST_PAGES = 1_000;

  /** A batch that is older by that, whatever the clocks say, is none that is looked for. */
  private static final long OLDER_SECONDS = 86_400;

  private final RemoteCalls calls;

  OpenAiBatches(ApiClient client) {
    this.calls = new RemoteCalls(client);
  }

  @Override
  public String upload(String fileName, Path file) throws InterruptedException {
    return calls
        .upload("/v1/files", Map.of("purpose", "batch"), fileName, file)
        .path("id")
        .asText();
  }

  @Override
  public List<StoredFile> files(String namePrefix) throws InterruptedException {
    List<StoredFile> found = new ArrayList<>();
    Optional<JsonNode> none =
        search(
            "/v1/files",
            "purpose=batch&limit=1000",
            file -> {
              if (file.path("filename").asText("").startsWith(namePrefix)) {
                found.add(
                    new StoredFile(
                        file.path("id").asText(),
                        file.path("filename").asText(),
                        file.path("bytes").asLong(-1)));
              }
              return Optional.<JsonNode>empty();
            });
    return none.isPresent() ? List.of() : found;
  }

  @Override
  public RemoteBatch create(Order order) throws InterruptedException {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("input_file_id", order.inputFile());
    body.put("endpoint", order.endpoint());
    body.put("completion_window", order.window());
    body.putObject("metadata").put(OWN_ID, order.ownId());
    return batch(calls.post("/v1/batches", body));
  }

  @Override
  public Optional<RemoteBatch> find(Order order) throws InterruptedException {
    List<RemoteBatch> found = new ArrayList<>(1);
    long since = order.sinceMillis() / 1_000 - OLDER_SECONDS;
    Optional<Boolean> unused =
        search(
            "/v1/batches",
            "limit=100",
            node -> {
              RemoteBatch batch = batch(node);
              if (isOf(batch, order)) {
                found.add(batch);
              }
              // The newest come first.
              boolean older = node.path("created_at").asLong(Long.MAX_VALUE) < since;
              return older || !found.isEmpty() ? Optional.of(true) : Optional.empty();
            });
    return found.stream().findFirst();
  }

  /** Whether a batch was created for an order. */
  static boolean isOf(RemoteBatch batch, Order order) {
    return batch.ownId().isEmpty()
        ? batch.inputFile().equals(order.inputFile())
        : batch.ownId().equals(order.ownId());
  }

  /** Goes through a list page by page until something is found. */
  private <T> Optional<T> search(String path, String query, Function<JsonNode, Optional<T>> find)
      throws InterruptedException {
    String after = "";
    for (int pages = 0; pages < MOST_PAGES; pages++) {
      JsonNode page = calls.get(path, after.isEmpty() ? query : query + "&after=" + after);
      String last = "";
      for (JsonNode item : page.path("data")) {
        Optional<T> found = find.apply(item);
        if (found.isPresent()) {
          return found;
        }
        last = item.path("id").asText();
      }
      if (!page.path("has_more").asBoolean(false) || last.isEmpty() || last.equals(after)) {
        return Optional.empty();
      }
      after = last;
    }
    return Optional.empty();
  }

  @Override
  public RemoteBatch get(String id) throws InterruptedException {
    return batch(calls.get("/v1/batches/" + id, ""));
  }

  @Override
  public void cancel(String id) throws InterruptedException {
    try {
      JsonNode unused = calls.post("/v1/batches/" + id + "/cancel", null);
    } catch (RemoteException e) {
      // One that is over is answered with a conflict.
      if (e.kind() != Kind.LATER || get(id).phase() == Phase.RUNNING) {
        throw e;
      }
    }
  }

  @Override
  public void download(String file, Path to) throws InterruptedException {
    calls.download("/v1/files/" + file, to);
  }

  @Override
  public void delete(String file) throws InterruptedException {
    calls.delete("/v1/files/" + file);
  }

  private static RemoteBatch batch(JsonNode node) {
    String status = node.path("status").asText("");
    List<String> files =
        Stream.of("output_file_id", "error_file_id")
            .map(name -> node.path(name).asText(""))
            .filter(id -> !id.isEmpty() && !id.equals("null"))
            .toList();
    Phase phase =
        switch (status) {
          case "completed", "expired", "cancelled" -> Phase.ENDED;
          case "failed" -> files.isEmpty() ? Phase.REFUSED : Phase.ENDED;
          default -> Phase.RUNNING;
        };
    List<Problem> problems = new ArrayList<>();
    for (JsonNode problem : node.path("errors").path("data")) {
      problems.add(
          new Problem(
              problem.path("code").asText(""),
              problem.path("message").asText(""),
              problem.path("line").canConvertToLong()
                  ? Optional.of(problem.path("line").asLong())
                  : Optional.empty()));
    }
    JsonNode counts = node.path("request_counts");
    return new RemoteBatch(
        node.path("id").asText(),
        phase,
        status,
        new Counts(
            counts.path("total").asLong(),
            counts.path("completed").asLong(),
            counts.path("failed").asLong()),
        files,
        problems,
        node.path("input_file_id").asText(""),
        node.path("metadata").path(OWN_ID).asText(""));
  }
}
