package io.batchinfer.cli;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.JobJson;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.schedule.InputCheck;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.service.keys.KeysFile;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.storage.FileStores;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.BatchStore;
import io.batchinfer.store.CreateRequest;
import io.batchinfer.store.JobAdmission;
import io.batchinfer.store.Repetition;
import io.batchinfer.store.StoredContent;
import io.batchinfer.store.Workspace;
import io.batchinfer.store.WorkspaceSaving;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.TinyModelServer;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of the service whose configuration changes while they are under way. */
class ServiceRunnersTest extends SharedSpark {
  private static final String TEAM = "team";
  private static final String CHAT = "/v1/chat/completions";
  private static final String PRICED = "priced-model";

  @TempDir private Path folder;
  private final List<String> log = new CopyOnWriteArrayList<>();
  private String team = TEAM;
  private int questions = Integer.MAX_VALUE;
  private Path conf = Path.of("");
  private Path keys = Path.of("");
  private BatchRegistry registry = registry(Path.of("unused"));

  private static BatchRegistry registry(Path store) {
    BatchStore batches =
        new BatchStore(new FileStores(() -> new Configuration(false)), "file:" + store);
    return new BatchRegistry(
        batches, Clock.systemUTC(), new ServiceMetrics(false), () -> true, line -> {});
  }

  @BeforeEach
  void configure() throws IOException {
    conf = folder.resolve("conf");
    Files.createDirectories(conf.resolve("deployments"));
    keys = folder.resolve("keys.json");
    new KeysFile(keys, Clock.systemUTC()).create(TEAM);
    Files.writeString(
        conf.resolve("prices.conf"), "any:" + PRICED + " = 1, 1, USD, -, 2026-01-01, this test\n");
    registry = registry(folder.resolve("store"));
  }

  /** A service without its HTTP side, until it is closed. */
  private final class Running implements AutoCloseable {
    private final ServiceRunners runners;
    private final BatchScheduler scheduler;

    Running(Map<String, String> options) {
      Map<String, List<String>> flags = new TreeMap<>();
      options.forEach((name, value) -> flags.put(name, List.of(value)));
      ResolvedOptions resolved = OptionSources.builder().confFolder(conf).flags(flags).resolve();
      AccessKeys access = AccessKeys.open(keys, System::nanoTime, log::add);
      runners =
          new ServiceRunners(
              jsc(),
              resolved,
              new Deployments(conf),
              Map.of(),
              access,
              registry,
              PriceTable.load(conf),
              slots -> 2);
      scheduler =
          new BatchScheduler(
              registry,
              runners,
              new InputCheck(registry, new InputCheck.Limits(1000, 1 << 20, 1 << 20, false)),
              () -> 4,
              4,
              log::add);
      scheduler.start();
    }

    @Override
    public void close() {
      scheduler.close();
      runners.close();
    }
  }

  private BatchJob create(
      Dialect dialect, int rows, @Nullable String model, @Nullable String deployment) {
    String id = UUID.randomUUID().toString();
    byte[] lines =
        IntStream.range(0, rows)
            .mapToObj(
                i ->
                    """
                    {"custom_id":"%d","method":"POST","url":"%s","body":{"model":"%s","max_tokens":4,"messages":[{"role":"user","content":"%d"}]}}
                    """
                        .formatted(i, CHAT, model == null ? PRICED : model, i % questions))
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.UTF_8);
    registry.store().files().replace(registry.store().content(team, id), lines);
    registry.add(
        new BatchFile(
            id,
            team,
            "in.jsonl",
            "batch",
            Role.REQUESTS,
            lines.length,
            rows,
            registry.nowMillis(),
            null,
            null,
            null,
            null));
    return new JobAdmission(registry, (workspace, name) -> true, 1_000_000)
        .admit(
            UUID.randomUUID().toString(),
            new CreateRequest(
                CHAT, List.of(id), null, 0, model, null, deployment, Map.of(), 24, null),
            new JobAdmission.Origin(
                team, dialect, "key", "hash-" + id, null, new Repetition(false, 0)));
  }

  private BatchJob now(BatchJob job) {
    return registry.job(team, job.id()).orElseThrow();
  }

  private void await(String what, java.util.function.BooleanSupplier condition) {
    Eventually.await(what, LONG_ENOUGH, condition, log::toString);
  }

  private void awaitStatus(BatchJob job, BatchStatus status) {
    await(job.id() + " is " + status, () -> now(job).state().status() == status);
  }

  private List<String> rows(@Nullable String fileId) throws IOException {
    BatchFile file = registry.file(team, String.valueOf(fileId)).orElseThrow();
    try (var in = StoredContent.whole(registry.store(), file).open(0)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static SimulatedEndpoint endpoint(Duration latency) {
    return SimulatedEndpoint.start(
        SimulatorSettings.defaults().toBuilder().slots(8).timeToFirstToken(latency).build());
  }

  private void deploy(String name, String baseUrl) throws IOException {
    Files.writeString(
        conf.resolve("deployments/" + name + ".conf"), "base-url = " + baseUrl + "\n");
  }

  @Test
  void aJobWaitsForADeploymentThatIsGoneAndCanBeEndedWithoutIt() throws IOException {
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(50));
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob job = create(Dialect.MISTRAL, 7, PRICED, "gone");
      service.scheduler.wake();
      await(
          "the job says what it waits for",
          () ->
              now(job).state().problems().stream()
                  .anyMatch(p -> p.code().equals("not_configured")));
      assertThat(now(job).state().status()).isEqualTo(BatchStatus.RUNNING);

      registry.cancel(TEAM, job.id());
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.CANCELLED);

      BatchJob.State end = now(job).state();
      assertThat(end.counts().failed()).isEqualTo(7).isEqualTo(end.total());
      assertThat(rows(end.files().errors()))
          .hasSize(7)
          .allMatch(row -> row.contains("batch_cancelled"));
      assertThat(endpoint.statistics().received()).isZero();
    }
  }

  @Test
  void aDeploymentMayBeAnEngineThatIsStartedForTheJob() throws IOException {
    Path pids = folder.resolve("pids");
    Files.writeString(
        conf.resolve("deployments/own.conf"),
        """
        engine = %s
        base-model = mistral-7b
        adapters = summaries
        engine-idle = 0s
        """
            .formatted(
                String.join(
                    " ",
                    TinyModelServer.command(
                        "{port}", "pids=" + pids, "model={model}", "adapters={adapters}"))));
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob job = create(Dialect.MISTRAL, 9, PRICED, "own");
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.SUCCESS);

      assertThat(rows(now(job).state().files().output())).hasSize(9);
      assertThat(endpoint.statistics().received()).isZero();
      assertThat(Files.readAllLines(pids))
          .singleElement()
          .satisfies(pid -> assertThat(ProcessHandle.of(Long.parseLong(pid))).isEmpty());
      try (Stream<Path> logs = Files.walk(folder.resolve("store"))) {
        Path printed =
            logs.filter(file -> file.toString().contains("/_engine/")).findAny().orElseThrow();
        assertThat(printed).content().contains("model=mistral-7b, adapters=summaries");
      }
    }
  }

  private void deployEngine(String name, Path pids, String more) throws IOException {
    Files.writeString(
        conf.resolve("deployments/" + name + ".conf"),
        "engine = %s%n%s%n"
            .formatted(
                String.join(" ", TinyModelServer.command("{port}", "echo=yes", "pids=" + pids)),
                more));
  }

  private BatchJob answered(Running service, String deployment, String model) {
    BatchJob job = create(Dialect.MISTRAL, 9, model, deployment);
    service.scheduler.wake();
    awaitStatus(job, BatchStatus.SUCCESS);
    return job;
  }

  private Path ofJob(BatchJob job, String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
      return files
          .filter(file -> file.toString().contains(job.id()) && file.toString().contains(name))
          .filter(Files::isRegularFile)
          .findAny()
          .orElseThrow();
    }
  }

  private static List<Boolean> living(Path pids) throws IOException {
    return Files.readAllLines(pids).stream()
        .map(pid -> ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false))
        .toList();
  }

  @Test
  void anEngineIsKeptWarmForTheNextJobOfItsDeploymentAndForNoOther() throws IOException {
    Path pids = folder.resolve("pids");
    Path others = folder.resolve("others");
    new KeysFile(keys, Clock.systemUTC()).create("other-team");
    deployEngine("own", pids, "");
    deployEngine("other", others, "");
    try (Running service = new Running(Map.of("simulate", "true"))) {
      BatchJob first = answered(service, "own", "model-of-team");
      assertThat(living(pids)).containsExactly(true);
      team = "other-team";
      BatchJob second = answered(service, "own", "model-of-other-team");
      assertThat(living(pids)).containsExactly(true);

      assertThat(ofJob(first, "/_engine/"))
          .content()
          .contains("model-of-team")
          .doesNotContain("model-of-other-team");
      assertThat(ofJob(second, "/_engine/"))
          .content()
          .contains("batchinfer: was kept warm for ", "model-of-other-team")
          .doesNotContain("model-of-team");
      EngineFigures cold = engine(first);
      EngineFigures warm = engine(second);
      assertThat(List.of(cold.state(), warm.state())).containsOnly(EngineFigures.State.ENDED);
      assertThat(List.of(cold.requests(), warm.requests())).containsOnly(9L);
      assertThat(cold.idleBefore()).isEmpty();
      assertThat(warm.idleBefore()).isPresent();
      assertThat(warm.untilReady()).isZero();
      assertThat(warm.startedAt()).isAfterOrEqualTo(cold.startedAt().plus(cold.up()));

      team = TEAM;
      answered(service, "other", "m");
      assertThat(living(pids)).as("another deployment needs the place").containsExactly(false);
      assertThat(living(others)).containsExactly(true);

      deployEngine("other", others, "engine-hung-after = 1m");
      answered(service, "other", "m");
      assertThat(living(others))
          .as("its configuration is another one")
          .containsExactly(false, true);
    }
    assertThat(living(others)).as("the service has ended").containsExactly(false, false);
  }

  private EngineFigures engine(BatchJob job) throws IOException {
    List<EngineFigures> engines =
        JobJson.parse(Files.readAllBytes(ofJob(job, "/job.json"))).engines();
    assertThat(engines).hasSize(1);
    return engines.get(0);
  }

  @Test
  void aJobGoesOnAsItWasWhenTheServicesOptionsHaveChanged() throws IOException {
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(100))) {
      String url = endpoint.baseUrl().toString();
      deploy("fast", url);
      BatchJob job;
      try (Running first = new Running(Map.of("base-url", url, "flush-interval", "100ms"))) {
        job = create(Dialect.MISTRAL, 300, PRICED, "fast");
        first.scheduler.wake();
        await("some rows are answered", () -> now(job).state().counts().succeeded() > 30);
      }
      assertThat(now(job).state().status()).isEqualTo(BatchStatus.RUNNING);
      Files.writeString(
          conf.resolve("deployments/fast.conf"),
          "base-url = " + url + "\nembeddings-encoding = base64\nmodel = another\n");

      try (Running second = new Running(Map.of("base-url", url))) {
        awaitStatus(job, BatchStatus.SUCCESS);
      }
      assertThat(rows(now(job).state().files().output())).hasSize(300);
      assertThat(endpoint.statistics().received()).isBetween(300L, 330L);
    }
  }

  @Test
  void aBatchHasThePriceOfTheModelThatItsLinesName() throws IOException {
    new KeysFile(keys, Clock.systemUTC())
        .set(
            TEAM,
            workspace ->
                new Workspace(
                    TEAM,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(1000.0),
                    Optional.empty()));
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob job = create(Dialect.OPENAI, 5, null, null);
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.SUCCESS);

      BatchJob.State end = now(job).state();
      assertThat(end.model()).isEqualTo(PRICED);
      assertThat(end.progress().cost()).isNotNull().isEqualTo(end.counts().usage().total() / 1e6);
      assertThat(registry.spent(TEAM)).isEqualTo(end.progress().cost());
    }
  }

  @Test
  void aCapKeepsAJobWaitingWhoseModelHasNoPriceAndNotFromItsEnd() throws IOException {
    new KeysFile(keys, Clock.systemUTC())
        .set(
            TEAM,
            workspace ->
                new Workspace(
                    TEAM,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(1000.0),
                    Optional.empty()));
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob job = create(Dialect.MISTRAL, 3, "house-model", null);
      service.scheduler.wake();
      await(
          "the job says what it waits for",
          () ->
              now(job).state().problems().stream()
                  .anyMatch(p -> p.code().equals("not_configured")));
      assertThat(log).anyMatch(line -> line.contains("\"house-model\" (3 rows"));

      registry.cancel(TEAM, job.id());
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.CANCELLED);

      assertThat(now(job).state().counts().failed()).isEqualTo(3);
      assertThat(endpoint.statistics().received()).isZero();
    }
  }

  private void save(WorkspaceSaving saving) {
    new KeysFile(keys, Clock.systemUTC())
        .set(
            TEAM,
            before ->
                new Workspace(
                    TEAM,
                    before.apiKeyEnv(),
                    before.apiKeyFile(),
                    before.concurrency(),
                    before.maxCost(),
                    before.requestsPerMinute(),
                    saving));
  }

  @Test
  void aWorkspacesJobsReuseItsOwnAnswersAndNobodyElses() throws IOException {
    save(new WorkspaceSaving(Optional.empty(), Optional.empty(), Optional.of(5)));
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob first = create(Dialect.MISTRAL, 20, PRICED, null);
      service.scheduler.wake();
      awaitStatus(first, BatchStatus.SUCCESS);
      BatchJob grown = create(Dialect.MISTRAL, 25, PRICED, null);
      service.scheduler.wake();
      awaitStatus(grown, BatchStatus.SUCCESS);

      assertThat(endpoint.statistics().received()).isEqualTo(25);
      assertThat(rows(now(grown).state().files().output()))
          .hasSize(25)
          .filteredOn(row -> row.contains("\"reused_from\""))
          .hasSize(20);

      save(WorkspaceSaving.NONE);
      team = "others";
      new KeysFile(keys, Clock.systemUTC())
          .set(
              team,
              before ->
                  new Workspace(
                      before.name(),
                      before.apiKeyEnv(),
                      before.apiKeyFile(),
                      before.concurrency(),
                      before.maxCost(),
                      before.requestsPerMinute(),
                      new WorkspaceSaving(Optional.empty(), Optional.empty(), Optional.of(5))));
      BatchJob theirs = create(Dialect.MISTRAL, 20, PRICED, null);
      service.scheduler.wake();
      awaitStatus(theirs, BatchStatus.SUCCESS);

      assertThat(endpoint.statistics().received()).as("answers of another workspace").isEqualTo(45);
    }
  }

  @Test
  void aWorkspaceSaysWhetherEqualRowsShareAnAnswer() throws IOException {
    save(new WorkspaceSaving(Optional.of("on"), Optional.of("input"), Optional.empty()));
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      questions = 3;
      BatchJob job = create(Dialect.MISTRAL, 30, PRICED, null);
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.SUCCESS);

      assertThat(endpoint.statistics().received()).isEqualTo(3);
      assertThat(rows(now(job).state().files().output())).hasSize(30);
    }
  }

  private FakeBatchProvider providerOfBatches(int rowsPerSecond) throws IOException {
    FakeBatchProvider provider =
        FakeBatchProvider.start(
            ProviderSettings.of(ProviderDialect.OPENAI)
                .withPace(ProviderSettings.Pace.SHORT.withRowsPerSecond(rowsPerSecond)),
            new FaultPlan(1));
    Files.writeString(
        conf.resolve("deployments/cheap.conf"),
        """
        base-url = %s
        via = batch
        poll-interval = 30ms
        max-poll-interval = 100ms
        batch-lag = 500ms
        """
            .formatted(provider.url()));
    return provider;
  }

  @Test
  void aDeploymentMaySendItsRowsByWayOfItsProvidersBatches() throws IOException {
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        FakeBatchProvider provider = providerOfBatches(5_000);
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob job = create(Dialect.MISTRAL, 40, PRICED, "cheap");
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.SUCCESS);

      assertThat(rows(now(job).state().files().output())).hasSize(40);
      assertThat(provider.ledger().creations().values()).containsExactly(1);
      assertThat(provider.ledger().paidAgain()).isZero();
      assertThat(provider.ledger().interactive()).isZero();
      assertThat(provider.filesLeft()).isEmpty();
      assertThat(endpoint.statistics().received()).isZero();
    }
  }

  @Test
  void theProvidersBatchOfAServiceThatWasStartedAgainGoesOn() throws IOException {
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        FakeBatchProvider provider = providerOfBatches(60)) {
      Map<String, String> options = Map.of("base-url", endpoint.baseUrl().toString());
      BatchJob job;
      try (Running first = new Running(options)) {
        job = create(Dialect.OPENAI, 120, PRICED, "cheap");
        first.scheduler.wake();
        await("it is at the provider", () -> !provider.ledger().creations().isEmpty());
      }
      assertThat(now(job).state().status()).isEqualTo(BatchStatus.RUNNING);

      try (Running second = new Running(options)) {
        awaitStatus(job, BatchStatus.SUCCESS);
      }
      assertThat(rows(now(job).state().files().output())).hasSize(120);
      assertThat(provider.ledger().creations().values()).containsExactly(1);
      assertThat(provider.ledger().paidAgain()).isZero();
    }
  }

  @Test
  void aJobThatIsCancelledEndsItsBatchAtTheProvider() throws IOException {
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(10));
        FakeBatchProvider provider = providerOfBatches(20);
        Running service = new Running(Map.of("base-url", endpoint.baseUrl().toString()))) {
      BatchJob job = create(Dialect.MISTRAL, 400, PRICED, "cheap");
      service.scheduler.wake();
      await("it is at the provider", () -> !provider.ledger().creations().isEmpty());
      registry.cancel(TEAM, job.id());
      service.scheduler.wake();
      awaitStatus(job, BatchStatus.CANCELLED);

      assertThat(provider.batchesByStatus()).containsOnlyKeys("cancelled");
      BatchJob.State end = now(job).state();
      assertThat(end.counts().succeeded() + end.counts().failed()).isEqualTo(400);
    }
  }

  @Test
  void jobsOfOneEndpointKeepTheSmallestOfTheirLimits() throws IOException {
    try (SimulatedEndpoint endpoint = endpoint(Duration.ofMillis(100))) {
      String url = endpoint.baseUrl().toString();
      deploy("narrow", url);
      Files.writeString(
          conf.resolve("deployments/narrow.conf"), "base-url = " + url + "\nconcurrency = 2\n");
      try (Running service = new Running(Map.of("base-url", url, "concurrency", "6"))) {
        BatchJob narrow = create(Dialect.MISTRAL, 60, PRICED, "narrow");
        service.scheduler.wake();
        await("the narrow one is at work", () -> now(narrow).state().counts().succeeded() > 0);
        BatchJob wide = create(Dialect.MISTRAL, 20, PRICED, null);
        service.scheduler.wake();
        awaitStatus(wide, BatchStatus.SUCCESS);
        awaitStatus(narrow, BatchStatus.SUCCESS);
      }
      assertThat(endpoint.statistics().peakInFlight()).isLessThanOrEqualTo(2);
    }
  }
}
