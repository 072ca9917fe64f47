package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.api.MistralCreate;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.schedule.BatchRunners;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.schedule.InputCheck;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.service.keys.KeysFile;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.BatchStore;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The description says what the service does, no more and no less. */
class ApiDescriptionTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern VARIABLE = Pattern.compile("\\{([a-z_]+)\\}");
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "head");

  private final JsonNode description = parse(ApiDescription.read());

  private static JsonNode parse(byte[] json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new AssertionError(new String(json, StandardCharsets.UTF_8), e);
    }
  }

  private static List<Route> routes(Path folder) {
    BatchRunners noRuns =
        (job, inputs, run, conditions, listener) -> {
          throw new AssertionError("no job is started");
        };
    ServiceMetrics metrics = new ServiceMetrics(false);
    BatchRegistry registry =
        new BatchRegistry(
            new BatchStore(InMemoryFiles.filesystem(), "/store"),
            Clock.systemUTC(),
            metrics,
            () -> true,
            line -> {});
    BatchScheduler scheduler =
        new BatchScheduler(
            registry,
            noRuns,
            new InputCheck(registry, new InputCheck.Limits(1, 1, 1 << 20, false)),
            () -> 1,
            1,
            line -> {});
    VirtualTime time = new VirtualTime();
    Path keys = folder.resolve("keys.json");
    new KeysFile(keys, time.clock()).create("team-a");
    BatchService.Parts parts =
        new BatchService.Parts(
            registry,
            scheduler,
            AccessKeys.open(keys, time, problem -> {}),
            metrics,
            time,
            line -> {},
            () -> true,
            (workspace, name) -> false);
    ServiceSettings settings =
        new ServiceSettings(
            "127.0.0.1", 0, Optional.empty(), Optional.empty(), 1000, 1000, 1000, 10);
    try (BodyStreams streams = new BodyStreams(Patience.DEFAULT.download())) {
      return ServiceRoutes.all(streams, settings, parts, Patience.DEFAULT, HeapShares.of(1 << 30));
    }
  }

  @Test
  void describesEveryRouteAndNoOther(@TempDir Path folder) {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        assertThat(METHODS).contains(operation.getKey());
        boolean open = operation.getValue().has("security");
        described.add(
            operation.getKey().toUpperCase(java.util.Locale.ROOT)
                + " "
                + path.getKey()
                + (open ? " open" : ""));
      }
    }

    assertThat(described)
        .containsExactlyInAnyOrderElementsOf(
            routes(folder).stream()
                .map(
                    route -> route.method() + " " + route.pattern() + (route.open() ? " open" : ""))
                .toList());
  }

  @Test
  void namesTheVariablesOfEachPathAndEachOperationOnce() {
    Set<String> ids = new LinkedHashSet<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      List<String> variables =
          VARIABLE.matcher(path.getKey()).results().map(match -> match.group(1)).toList();
      for (JsonNode operation : path.getValue()) {
        List<String> parameters = new ArrayList<>();
        operation
            .path("parameters")
            .forEach(
                parameter -> {
                  if (parameter.path("in").textValue().equals("path")) {
                    parameters.add(parameter.path("name").textValue());
                  }
                });
        assertThat(parameters).as(path.getKey()).isEqualTo(variables);
        assertThat(ids.add(operation.path("operationId").textValue())).isTrue();
        assertThat(operation.path("responses").has("200")).as(path.getKey()).isTrue();
      }
    }
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<JsonNode> references = description.findValues("$ref");

    assertThat(references).isNotEmpty();
    for (JsonNode reference : references) {
      assertThat(description.at(reference.textValue().substring(1)).isObject())
          .as("%s", reference)
          .isTrue();
    }
  }

  @Test
  void namesTheEndpointsAndStatusesThatThereAre() {
    Set<String> mistral = new LinkedHashSet<>(MistralCreate.ENDPOINTS);
    mistral.addAll(EndpointPaths.KNOWN);

    assertThat(words("CreateBatchJob", "endpoint")).containsExactlyInAnyOrderElementsOf(mistral);
    assertThat(words("CreateBatch", "endpoint"))
        .containsExactlyInAnyOrderElementsOf(EndpointPaths.KNOWN);
    assertThat(words("BatchJob", "status"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(BatchStatus.values()).map(Enum::name).toList());
  }

  private List<String> words(String schema, String property) {
    List<String> words = new ArrayList<>();
    description
        .at("/components/schemas/" + schema + "/properties/" + property + "/enum")
        .forEach(word -> words.add(word.textValue()));
    return words;
  }

  @ParameterizedTest
  @EnumSource(BatchStatus.class)
  void aJobIsInBothFormsAsDescribed(BatchStatus status) {
    for (BatchJob job : List.of(job(status, true), job(status, false))) {
      check("BatchJob", DialectJson.mistral(job));
      check("BatchJobList", DialectJson.mistral(List.of(job), 7));
      check("Batch", DialectJson.openAi(job));
      check("BatchList", DialectJson.openAi(List.of(job), true));
      check("Progress", DialectJson.progress(job, List.of(point(0, null), point(5, 12.5))));
    }
  }

  @Test
  void outputsAreResultLines() {
    byte[][] around = DialectJson.mistralAroundOutputs(job(BatchStatus.SUCCESS, true));
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(around[0]);
    whole.writeBytes(
        """
        {"id":"batch-1-1-a","custom_id":"0","response":{"status_code":200,"body":{"x":1}},"error":null},
        {"id":"batch-1-2-b","custom_id":null,"response":null,"error":{"code":"c","message":"m"}}
        """
            .getBytes(StandardCharsets.UTF_8));
    whole.writeBytes(around[1]);

    check("BatchJob", whole.toByteArray());
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void aFileIsAsDescribed(Role role) {
    for (BatchFile file : List.of(file(role, "batch", true), file(role, "batch_output", false))) {
      check("File", DialectJson.file(file));
      check("FileList", DialectJson.files(List.of(file), 1, false));
    }
    check("FileList", DialectJson.files(List.of(), null, false));
  }

  @Test
  void smallAnswersAreAsDescribed() {
    check("Deleted", DialectJson.deleted("x", "file"));
    check("FileUrl", DialectJson.url("http://127.0.0.1:8080/download/a/b?expires=1&signature=0"));
    check("Error", ApiError.notFound("There is nothing.").json());
    check("Error", ApiError.unprocessable("timeout_hours", "invalid_value", "No.").json());
    check("Error", Refusals.of(new IllegalStateException()).json());
  }

  /** Also fails where the answer has a key that the description does not know. */
  private void check(String schema, byte[] answer) {
    ObjectNode closed = MAPPER.createObjectNode();
    closed.put("$ref", "#/components/schemas/" + schema);
    closed.set("components", description.path("components").deepCopy());
    close(closed);

    assertThat(
            JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(closed)
                .validate(parse(answer)))
        .as("%s: %s", schema, new String(answer, StandardCharsets.UTF_8))
        .isEmpty();
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(ApiDescriptionTest::close);
  }

  private static BatchJob job(BatchStatus status, boolean full) {
    BatchJob.Spec spec =
        new BatchJob.Spec(
            new Creation(
                full ? Dialect.MISTRAL : Dialect.OPENAI,
                1_700_000_000_000L,
                "0a1b2c3d",
                "hash",
                null),
            new Target(
                "/v1/chat/completions",
                full ? "model" : null,
                full ? "agent" : null,
                full ? "fast" : null),
            new Input(List.of("2a8f6a62-6a5f-4f5c-8a4b-111111111111"), full, 100),
            full ? Map.of("team", "a") : Map.of(),
            new Lifetime(full ? 1.5 : 24, full ? 3600L : null));
    BatchJob.Change state = BatchJob.State.queued(100).change();
    if (full) {
      state
          .started(1_700_000_001_000L)
          .finalizing(1_700_000_002_000L)
          .cancelling(1_700_000_003_000L)
          .counts(
              new Counts(
                  new RowCounts(90, 10),
                  new Spent(110, 1, new Usage(1000, 2000)),
                  new TreeMap<>(Map.of("x", 10L))))
          .cost(0.25, "USD")
          .model("model")
          .files("output", "errors")
          .problems(
              List.of(
                  new Problem("invalid_url", "Wrong.", "url", 7L, 1),
                  new Problem("internal", "Broken.", null, null, 2)));
    }
    if (status.isTerminal()) {
      state.ended(status, 1_700_000_004_000L);
    }
    BatchJob.State made = state.made();
    BatchJob.State exact =
        new BatchJob.State(
            status, made.times(), made.progress(), made.model(), made.files(), made.problems());
    return new BatchJob("batch_0", "team-a", spec, exact);
  }

  private static ProgressPoint point(long completed, @Nullable Double latency) {
    return new ProgressPoint(
        1_700_000_000_500L + completed,
        completed,
        1,
        2,
        10,
        20,
        latency,
        latency,
        latency,
        latency,
        new TreeMap<>(Map.of("http_400", 1L)));
  }

  private static BatchFile file(Role role, String purpose, boolean full) {
    return new BatchFile(
        "2a8f6a62-6a5f-4f5c-8a4b-222222222222",
        "team-a",
        "requests.jsonl",
        purpose,
        role,
        10,
        1,
        1_700_000_000_000L,
        full ? 1_700_000_900_000L : null,
        full ? "0a1b" : null,
        full ? "user" : null,
        full ? null : "job");
  }
}
