package io.batchinfer.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.client.http.ApiClient;
import io.batchinfer.json.Json;
import io.batchinfer.remote.RemoteBatch.Counts;
import io.batchinfer.remote.RemoteBatch.Phase;
import io.batchinfer.remote.RemoteBatch.Problem;
import io.batchinfer.remote.RemoteException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The dialect of Mistral: {@code /v1/files} and {@code /v1/batch/jobs}. */
final class MistralBatches implements RemoteBatchApi {
  private static final int PAGE = 100;
  private static final int MOST_PAGES = 10_000;

  private final RemoteCalls calls;
  private final RemoteFiles files;

  MistralBatches(ApiClient client) {
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
            "purpose=batch&search=" + URLEncoder.encode(namePrefix, StandardCharsets.UTF_8),
            file -> {
              RemoteFiles.named(file, namePrefix).ifPresent(found::add);
              return Optional.<JsonNode>empty();
            });
    return none.isPresent() ? List.of() : found;
  }

  @Override
  public RemoteBatch create(Order order) throws InterruptedException {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.putArray("input_files").add(order.inputFile());
    body.put("endpoint", order.endpoint());
    if (!order.model().isEmpty()) {
      body.put("model", order.model());
    }
    body.put("timeout_hours", hours(order.window()));
    body.putObject("metadata").put(OWN_ID, order.ownId());
    return batch(calls.post("/v1/batch/jobs", body));
  }

  /** Whole hours of a window such as {@code 24h} or {@code 7d}. */
  static int hours(String window) {
    int number = Integer.parseInt(window.substring(0, window.length() - 1));
    return window.endsWith("d") ? number * 24 : number;
  }

  @Override
  public Optional<RemoteBatch> find(Order order) throws InterruptedException {
    return search(
        "/v1/batch/jobs",
        "",
        node -> Optional.of(batch(node)).filter(batch -> OpenAiBatches.isOf(batch, order)));
  }

  /** Goes through a list page by page until something is found. */
  private <T> Optional<T> search(String path, String query, Function<JsonNode, Optional<T>> find)
      throws InterruptedException {
    for (int page = 0; page < MOST_PAGES; page++) {
      JsonNode listed =
          calls.get(
              path, (query.isEmpty() ? "" : query + "&") + "page=" + page + "&page_size=" + PAGE);
      int items = 0;
      for (JsonNode item : listed.path("data")) {
        items++;
        Optional<T> found = find.apply(item);
        if (found.isPresent()) {
          return found;
        }
      }
      if (items < PAGE) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  @Override
  public RemoteBatch get(String id) throws InterruptedException {
    return batch(calls.get("/v1/batch/jobs/" + id, ""));
  }

  @Override
  public void cancel(String id) throws InterruptedException {
    try {
      JsonNode unused = calls.post("/v1/batch/jobs/" + id + "/cancel", null);
    } catch (RemoteException e) {
      if (e.kind() == Kind.UNCERTAIN || get(id).phase() == Phase.RUNNING) {
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
    List<String> answers = RemoteFiles.ids(node, "output_file", "error_file");
    Phase phase =
        switch (status) {
          case "SUCCESS", "TIMEOUT_EXCEEDED", "CANCELLED" -> Phase.ENDED;
          case "FAILED" -> answers.isEmpty() ? Phase.REFUSED : Phase.ENDED;
          default -> Phase.RUNNING;
        };
    List<Problem> problems = new ArrayList<>();
    for (JsonNode problem : node.path("errors")) {
      problems.add(
          new Problem(
              problem.path("code").asText(""),
              problem.path("message").asText(""),
              Optional.empty()));
    }
    return new RemoteBatch(
        node.path("id").asText(),
        phase,
        status,
        new Counts(
            node.path("total_requests").asLong(),
            node.path("succeeded_requests").asLong(),
            node.path("failed_requests").asLong()),
        answers,
        problems,
        node.path("input_files").path(0).asText(""),
        node.path("metadata").path(OWN_ID).asText(""));
  }
}
