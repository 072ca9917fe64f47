package io.batchinfer.service;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.schedule.InputCheck;
import io.batchinfer.service.RawConnection.Answer;
import io.batchinfer.service.ServiceSettings.Certificate;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.service.keys.KeysFile;
import io.batchinfer.storage.FileStores;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.BatchStore;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** A service in this process with two workspaces, and what must hold after every attack. */
final class AttackedService implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Stands in what attackers send, so that it can be looked for in the log. */
  static final String MARK = "aTTaCk";

  static final int MAX_BODY = 1 << 20;
  static final int MAX_UPLOAD = 2 << 20;
  static final int MAX_CONNECTIONS = 40;

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

  private static final long HEAP = 512 << 20;
  private static final int CALL_WORDS = 8;
  private static final int MOST_DELAYS = 50;

  private final Queue<String> log = new ConcurrentLinkedQueue<>();
  private final Path store;
  private final BatchScheduler scheduler;
  private final @Nullable SSLContext clients;
  private final boolean impatient;
  private final BatchService service;
  private final List<Route> routes;
  private final KeysFile keysFile;
  final LineRunners runners = new LineRunners();
  final BatchRegistry registry;
  final String acmeKey;
  final String otherKey;
  final String slowKey;
  final String revokedKey;

  private final Map<String, String> strangers = new LinkedHashMap<>();
  private final List<String> strangersAnswers = new ArrayList<>();

  /** Files and jobs that the answers so far have promised. */
  private long promisedFiles;

  private long promisedJobs;

  AttackedService(Path folder, Patience patience) throws IOException {
    this(folder, patience, HEAP, null, null);
  }

  /**
   * @param heap bytes of which the service takes its shares
   */
  AttackedService(Path folder, Patience patience, long heap) throws IOException {
    this(folder, patience, heap, null, null);
  }

  /** A service that is called over TLS. */
  AttackedService(Path folder, Certificate certificate, SSLContext clients) throws IOException {
    this(folder, Patience.DEFAULT, HEAP, certificate, clients);
  }

  private AttackedService(
      Path folder,
      Patience patience,
      long heap,
      @Nullable Certificate certificate,
      @Nullable SSLContext clients)
      throws IOException {
    this.clients = clients;
    impatient = patience.equals(SHORT);
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
            new io.batchinfer.store.Workspace(
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
            new InputCheck(registry, new InputCheck.Limits(50_000, 200 << 20, 1 << 20, true)),
            () -> 4,
            4,
            log::add);
    scheduler.start();
    ServiceSettings settings =
        new ServiceSettings(
            "127.0.0.1",
            0,
            Optional.ofNullable(certificate),
            Optional.empty(),
            1_000_000,
            MAX_UPLOAD,
            MAX_BODY,
            MAX_CONNECTIONS);
    BatchService.Parts parts =
        new BatchService.Parts(
            registry,
            scheduler,
            AccessKeys.open(keys, System::nanoTime, log::add),
            metrics,
            System::nanoTime,
            log::add,
            () -> true,
            (workspace, name) -> false);
    HeapShares shares = HeapShares.of(heap);
    service = BatchService.start(settings, parts, patience, shares);
    try (BodyStreams streams = new BodyStreams(patience.download())) {
      routes = ServiceRoutes.all(streams, settings, parts, patience, shares);
    }
  }

  /** The routes of this service, whatever they may be. */
  List<Route> routes() {
    return routes;
  }

  int port() {
    return service.port();
  }

  RawConnection connect() throws IOException {
    return clients == null ? new RawConnection(port()) : new RawConnection(port(), clients);
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

  Answer call(String method, String target, String key, byte @Nullable [] body, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder(head(method, target, key));
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    byte[] sent = RawConnection.latin(head + "\r\n");
    return undelayed(
        () -> {
          try (RawConnection connection = connect()) {
            if (connection.trySend(sent) && body != null) {
              connection.trySend(body);
            }
            return connection.answer(method.equals("HEAD"));
          }
        },
        answer -> answer.status() != 408);
  }

  /** Something that is asked of the service on a connection of its own. */
  @FunctionalInterface
  interface Asking {
    Optional<Answer> ask() throws IOException;
  }

  /**
   * What the service answers to what is sent at once. A service of little patience takes a client
   * for slow whose machine stands still meanwhile, and has then done nothing for it: it is asked
   * again.
   */
  Answer undelayed(Asking asking, Predicate<Answer> inTime) throws IOException {
    Optional<Answer> answer = asking.ask();
    for (int i = 0; impatient && i < MOST_DELAYS && answer.filter(inTime).isEmpty(); i++) {
      answer = asking.ask();
    }
    return answer.orElseThrow();
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

  /** Path and query that open a file, or what else has an address, without a key. */
  String address(String key, String target) throws IOException {
    Answer answer = call("GET", target + "/url", key);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    String url = JSON.readTree(answer.body()).get("url").textValue();
    return url.replaceFirst("https?://[^/]+", "");
  }

  /** Gives the workspace "other" a file, a job and a batch, and returns the file's id. */
  String beStranger() throws IOException {
    String file = upload(otherKey, Form.LINE);
    strangers.put(file, "/v1/files/");
    strangers.put(job(otherKey), "/v1/batch/jobs/");
    strangers.put(batch(otherKey, file), "/v1/batches/");
    for (String id : strangersIds().subList(1, 3)) {
      ended(id, otherKey);
    }
    strangersAnswers.addAll(strangersAnswers());
    return file;
  }

  /** Ids that acme may not see. */
  List<String> strangersIds() {
    return List.copyOf(strangers.keySet());
  }

  private List<String> strangersAnswers() throws IOException {
    List<String> answers = new ArrayList<>();
    for (Map.Entry<String, String> stranger : strangers.entrySet()) {
      answers.add(call("GET", stranger.getValue() + stranger.getKey(), otherKey).text());
    }
    return answers;
  }

  /** What "other" has is as it was. */
  void assertStrangersAreThere() throws IOException {
    assertThat(strangersAnswers()).isEqualTo(strangersAnswers);
  }

  /** Waits for the end of a job of acme's. */
  JsonNode ended(String id) {
    return ended(id, acmeKey);
  }

  private JsonNode ended(String id, String key) {
    List<JsonNode> last = new ArrayList<>();
    Eventually.await(
        "the job ends",
        LONG_ENOUGH,
        () -> {
          try {
            JsonNode job = JSON.readTree(call("GET", "/v1/batches/" + id, key).body());
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
        LONG_ENOUGH,
        () -> partialFiles().isEmpty(),
        () -> partialFiles().toString());
    assertThat(Thread.getAllStackTraces().keySet())
        .anyMatch(thread -> thread.getName().startsWith("vert.x-eventloop-thread"));
    assertOnlyPromisedIsStored();
    List<String> written = log();
    log.clear();
    assertThat(written)
        .noneMatch(line -> line.contains(MARK) || line.contains("failed:"))
        .noneMatch(
            line -> Stream.of(acmeKey, otherKey, slowKey, revokedKey).anyMatch(line::contains))
        .noneMatch(line -> line.strip().contains("\r") || line.strip().contains("\n"));
  }

  /** Nothing is there but what a call made that was answered with 200. */
  private void assertOnlyPromisedIsStored() {
    Eventually.await(
        "as many files and jobs as were promised",
        LONG_ENOUGH,
        () ->
            inputFiles() == promisedFiles + answered("files") - deleted("files")
                && jobs() == promisedJobs + answered("jobs") - deleted("jobs"),
        () ->
            "%d files, %d jobs, before %d and %d, then %s"
                .formatted(inputFiles(), jobs(), promisedFiles, promisedJobs, log()));
    promisedFiles = inputFiles();
    promisedJobs = jobs();
  }

  private long inputFiles() {
    return registry.workspaces().stream()
        .flatMap(workspace -> registry.files(workspace).stream())
        .filter(file -> file.jobId() == null)
        .count();
  }

  private long jobs() {
    return registry.workspaces().stream()
        .mapToLong(workspace -> registry.jobs(workspace).size())
        .sum();
  }

  /** Calls in the log that made one; a job of Mistral's API made here brings its file along. */
  private long answered(String what) {
    return calls("POST", "/v1/batch/jobs")
        + calls("POST", what.equals("files") ? "/v1/files" : "/v1/batches");
  }

  private long deleted(String what) {
    return calls("DELETE", what.equals("files") ? "/v1/files/{id}" : "/v1/batch/jobs/{id}");
  }

  /** Waits until so many calls have ended in that way. */
  void awaitCalls(int count, String method, String pattern, String status) {
    Eventually.await(
        "calls of " + pattern + " end with " + status,
        LONG_ENOUGH,
        () -> calls(method, pattern, status) >= count,
        () -> log().toString());
  }

  private long calls(String method, String pattern) {
    return calls(method, pattern, "200");
  }

  private long calls(String method, String pattern, String status) {
    return log.stream()
        .map(line -> line.split(" "))
        .filter(words -> words.length == CALL_WORDS)
        .filter(
            words -> words[3].equals(method) && words[4].equals(pattern) && words[5].equals(status))
        .count();
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
