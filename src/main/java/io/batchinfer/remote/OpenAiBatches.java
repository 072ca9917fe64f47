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
import java.util.Optional;
import java.util.function.Function;

/** The dialect of OpenAI: {@code /v1/files} and {@code /v1/batches}. */
final class OpenAiBatches implements RemoteBatchApi {
  private static final int MOST_PAGES = 1_000;

  /** A batch that is older by that, whatever the clocks say, is none that is looked for. */
  private static final long OLDER_SECONDS = 86_400;

  private final RemoteCalls calls;
  private final RemoteFiles files;

  OpenAiBatches(ApiClient client) {
    this.calls = new RemoteCalls(client);
    this.files = new RemoteFiles(calls);
  }

  @Override
  public String upload(String fileName, Path file) throws InterruptedException {
    return files.upload(fileName, file);
  }

  @Override
  public List<StoredFile> files(String namePrefix) throws InterruptedException {
    List<StoredFile> found = new ArrayList<>();
    Optional<JsonNode> none =
        search(
            RemoteFiles.PATH,
            "purpose=batch&limit=1000",
            file -> {
              RemoteFiles.named(file, namePrefix).ifPresent(found::add);
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
    files.download(file, to);
  }

  @Override
  public void delete(String file) throws InterruptedException {
    files.delete(file);
  }

  private static RemoteBatch batch(JsonNode node) {
    String status = node.path("status").asText("");
    List<String> answers = RemoteFiles.ids(node, "output_file_id", "error_file_id");
    Phase phase =
        switch (status) {
          case "completed", "expired", "cancelled" -> Phase.ENDED;
          case "failed" -> answers.isEmpty() ? Phase.REFUSED : Phase.ENDED;
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
        answers,
        problems,
        node.path("input_file_id").asText(""),
        node.path("metadata").path(OWN_ID).asText(""));
  }
}
