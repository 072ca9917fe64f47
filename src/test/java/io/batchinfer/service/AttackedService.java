package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.job.BatchRegistry;
import io.batchinfer.job.BatchScheduler;
import io.batchinfer.job.BatchStore;
import io.batchinfer.job.InputCheck;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.service.RawConnection.Answer;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** A service in this process with two workspaces, and what must hold after every attack. */
final class AttackedService implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Stands in what attackers send, so that it can be looked for in the log. */
  static final String MARK = "aTTaCk";

  static final int MAX_BODY = 1 << 20;
  static final int MAX_UPLOAD = 2 << 20;
  static final int MAX_CONNECTIONS = 40;

  private static final Duration BOUND = Duration.ofSeconds(10);

  /** As the service has it, in a fiftieth of the time. */
  static final Patience SHORT =
      new Patience(
          Duration.ofMillis(50),
          Duration.ofMillis(400),
          Duration.ofMillis(1500),
          Duration.ofMillis(600),
          Duration.ofMillis(300),
          Duration.ofMillis(600),
          Duration.ofMillis(200),
          Duration.ofMillis(2500));

  private final Queue<String> log = new ConcurrentLinkedQueue<>();
  private final Path store;
  private final BatchScheduler scheduler;
  private final BatchService service;
  private final KeysFile keysFile;
  final LineRunners runners = new LineRunners();
  final BatchRegistry registry;
  final String acmeKey;
  final String otherKey;
  final String slowKey;
  final String revokedKey;

  AttackedService(Path folder, Patience patience) throws IOException {
    store = Files.createDirectories(folder.resolve("store"));
    Path keys = folder.resolve("keys.json");
    keysFile = new KeysFile(keys, Clock.systemUTC());
    acmeKey = keysFile.create("acme");
    otherKey = keysFile.create("other");
    slowKey = keysFile.create("slow");
    revokedKey = keysFile.create("acme");
    keysFile.revoke(AccessKeys.idOf(revokedKey));
    keysFile.set(
        "slow",
        workspace ->
            new io.batchinfer.job.Workspace(
                workspace.name(),
                workspace.apiKeyEnv(),
                workspace.apiKeyFile(),
                workspace.concurrency(),
                workspace.maxCost(),
                Optional.of(6L)));
    ServiceMetrics metrics = new ServiceMetrics(false);
    registry =
        new BatchRegistry(
            new BatchStore(new FileStores(() -> new Configuration(false)), "file:" + store),
            Clock.systemUTC(),
            metrics,
            () -> true,
            line -> {});
    scheduler =
        new BatchScheduler(
            registry,
            runners,
            new InputCheck(registry, new InputCheck.Limits(50_000, 200 << 20, true)),
            () -> 4,
            4,
            log::add);
    scheduler.start();
    service =
        BatchService.start(
            new ServiceSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                Optional.empty(),
                1_000_000,
                MAX_UPLOAD,
                MAX_BODY,
                MAX_CONNECTIONS),
            new BatchService.Parts(
                registry,
                scheduler,
                AccessKeys.open(keys, System::nanoTime, log::add),
                metrics,
                System::nanoTime,
                log::add,
                () -> true,
                name -> false),
            patience);
  }

  int port() {
    return service.port();
  }

  RawConnection connect() throws IOException {
    return new RawConnection(port());
  }

  /** A request's head without the empty line. */
  String head(String method, String target, String key) {
    return "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
        .formatted(method, target, port(), key);
  }

  /** One proper call on a connection of its own. */
  Answer call(String method, String target, String key, String... headers) throws IOException {
    return call(method, target, key, null, headers);
  }

  Answer call(
      String method,
      String target,
      String key,
      byte @org.jspecify.annotations.Nullable [] body,
      String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder(head(method, target, key));
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    try (RawConnection connection = connect()) {
      connection.send(head + "\r\n");
      if (body != null) {
        connection.trySend(body);
      }
      return connection.answer(method.equals("HEAD")).orElseThrow();
    }
  }

  Answer post(String target, String json) throws IOException {
    return post(target, json.getBytes(StandardCharsets.UTF_8));
  }

  Answer post(String target, byte[] json) throws IOException {
    return call("POST", target, acmeKey, json, "Content-Type: application/json");
  }

  /** Uploads a form as it is given. */
  Answer form(String form) throws IOException {
    return form(form.getBytes(StandardCharsets.UTF_8), "Content-Type: " + Form.TYPE);
  }

  Answer form(byte[] form, String... headers) throws IOException {
    return call("POST", "/v1/files", acmeKey, form, headers);
  }

  /** Uploads a good file and returns its id. */
  String upload(String key, String content) throws IOException {
    byte[] form = Form.file("rows.jsonl", content).getBytes(StandardCharsets.UTF_8);
    Answer answer = call("POST", "/v1/files", key, form, "Content-Type: " + Form.TYPE);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return JSON.readTree(answer.body()).get("id").textValue();
  }

  /** A job of Mistral's API with one request. */
  String job(String key) throws IOException {
    Answer answer =
        call(
            "POST",
            "/v1/batch/jobs",
            key,
            "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",\"requests\":[{\"custom_id\":\"a\",\"body\":{}}]}"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return JSON.readTree(answer.body()).get("id").textValue();
  }

  /** A batch of OpenAI's API over a file. */
  String batch(String key, String file) throws IOException {
    Answer answer =
        call(
            "POST",
            "/v1/batches",
            key,
            "{\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"input_file_id\":\"%s\"}"
                .formatted(file)
                .getBytes(StandardCharsets.UTF_8));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return JSON.readTree(answer.body()).get("id").textValue();
  }

  /** Waits for the end of a job of acme's. */
  JsonNode ended(String id) {
    List<JsonNode> last = new ArrayList<>();
    Eventually.await(
        "the job ends",
        BOUND,
        () -> {
          try {
            JsonNode job = JSON.readTree(call("GET", "/v1/batches/" + id, acmeKey).body());
            last.add(job);
            return List.of("completed", "failed", "cancelled")
                .contains(job.path("status").asText());
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        },
        () -> String.valueOf(last.get(last.size() - 1)));
    return last.get(last.size() - 1);
  }

  /** A refusal that a client can read, and that is the caller's fault. */
  static void assertRefused(Answer answer, Integer... statuses) throws IOException {
    assertThat(answer.status()).as(answer.text()).isIn((Object[]) statuses);
    assertThat(answer.header("content-type")).contains("application/json");
    assertThat(answer.header("x-request-id")).isPresent();
    JsonNode error = JSON.readTree(answer.body());
    assertThat(error.path("object").asText()).isEqualTo("error");
    for (String field : List.of("message", "type", "param", "code")) {
      assertThat(error.has(field)).as(field).isTrue();
      assertThat(error.path("error").path(field)).as(field).isEqualTo(error.path(field));
    }
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(answer.body().length).as("bytes of the refusal").isLessThan(4096);
  }

  /** What must hold however the service was attacked. */
  void assertUnharmed() throws IOException {
    runners.release();
    Answer alive = call("GET", "/healthz", "-");
    assertThat(alive.status()).isEqualTo(200);
    Eventually.await(
        "no partial file is left",
        BOUND,
        () -> partialFiles().isEmpty(),
        () -> partialFiles().toString());
    assertThat(Thread.getAllStackTraces().keySet())
        .anyMatch(thread -> thread.getName().startsWith("vert.x-eventloop-thread"));
    List<String> written = log();
    log.clear();
    assertThat(written)
        .noneMatch(line -> line.contains(MARK) || line.contains("failed:"))
        .noneMatch(
            line -> Stream.of(acmeKey, otherKey, slowKey, revokedKey).anyMatch(line::contains))
        .noneMatch(line -> line.strip().contains("\r") || line.strip().contains("\n"));
  }

  List<String> log() {
    return List.copyOf(log);
  }

  /** Files of uploads that are not complete: another name than the two that belong there. */
  private List<Path> partialFiles() {
    try (Stream<Path> files = Files.walk(store)) {
      List<Path> partial = new ArrayList<>();
      for (Path path : files.filter(Files::isRegularFile).toList()) {
        boolean content = path.endsWith("content.jsonl");
        boolean recorded = Files.exists(path.resolveSibling("file.json"));
        String name = path.getFileName().toString();
        if (name.contains(".part") || name.contains(".tmp") || (content && !recorded)) {
          partial.add(path);
        }
      }
      return partial;
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of(store.resolve("changed while it was read"));
    }
  }

  @Override
  public void close() {
    runners.release();
    service.close();
    scheduler.close();
  }
}
