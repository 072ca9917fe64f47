package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.server.EngineKind;
import io.batchinfer.engine.server.EngineSettings;
import io.batchinfer.engine.server.EngineUse;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.SteppedTime;
import io.batchinfer.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The engines of a run in one process, none of which is a process here. */
class ProcessEnginesTest {
  private static final String COMMAND =
      "serve {model} --at {host}:{port} --gpus {gpus} --count {gpu_count} --lora {adapters} --q {quantization} --tag {image_tag}";
  private static final EnginePlace TWO_GPUS = new EnginePlace(List.of("0", "1"), "node-a", "s1");

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final SteppedTime time =
      new SteppedTime(
          thrown -> {
            throw new AssertionError(thrown);
          });
  private final List<Started> started = new ArrayList<>();
  private final List<EngineFigures> told = new CopyOnWriteArrayList<>();
  private final TreeMap<String, String> variables = new TreeMap<>();
  private boolean wanted = true;
  private Consumer<ScriptedEngine> begins = engine -> engine.is(State.READY, "");

  /** An engine, and what it was started with. */
  private record Started(
      ScriptedEngine engine, EngineKind kind, EngineSettings settings, Predicate<EngineUse> told) {
    /** It changes, and says so. */
    boolean tells(State state, String words) {
      engine.is(state, words);
      return told.test(engine);
    }
  }

  @AfterEach
  void end() {
    time.close();
  }

  private EngineUse source(
      EngineKind kind, EngineSettings settings, Time ofEngines, Predicate<EngineUse> hearing) {
    assertThat(ofEngines).isSameAs(time);
    ScriptedEngine engine = new ScriptedEngine(settings.name());
    started.add(new Started(engine, kind, settings, hearing));
    begins.accept(engine);
    return engine;
  }

  private CompletionStage<byte[]> driver(byte[] message) {
    WorkerMessage asked = WorkerMessage.decode(message);
    assertThat(asked.session()).startsWith("e");
    if (asked.request() instanceof WorkerRequest.Hello) {
      RunSecrets secrets =
          new RunSecrets(
              new TreeMap<>(Map.of("Authorization", "Bearer key-of-engine")),
              new TreeMap<>(),
              new TreeMap<>(),
              variables);
      return CompletableFuture.completedFuture(secrets.encode());
    }
    WorkerRequest.Engine engine = (WorkerRequest.Engine) asked.request();
    assertThat(engine.process()).isEqualTo("7");
    told.add(engine.figures());
    return CompletableFuture.completedFuture(new byte[] {(byte) (wanted ? 1 : 0)});
  }

  private ProcessEngines start(EnginePlace place, String... options) throws Exception {
    Map<String, String> all = new TreeMap<>(Map.of("engine", COMMAND));
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    try (WorkedJob job = new WorkedJob(files, 2, 2, all)) {
      WorkerSetting setting =
          new WorkerSetting(job.view().spec(), files, 1, "t", this::driver, "7", "", place);
      return ProcessEngines.start(
          setting,
          new ProcessMeans(
              EndpointTransports.HTTP, whenBroken -> time, Clock.systemUTC(), () -> 1L << 30),
          this::source);
    }
  }

  private Started only() {
    assertThat(started).hasSize(1);
    return started.get(0);
  }

  private List<String> logs() {
    return files.paths().stream().filter(path -> path.contains("/_engine/")).toList();
  }

  private static List<String> lines(int count) {
    return IntStream.range(0, count).mapToObj("line %d"::formatted).toList();
  }

  @Test
  void oneEngineHasAllGpusOfItsTask() throws Exception {
    ProcessEngines engines =
        start(TWO_GPUS, "adapters", "x\ny", "quantization", "awq", "image-tag", "v1");

    EngineSettings settings = only().settings();
    assertThat(settings.name()).isEqualTo("engine of executor 7");
    assertThat(settings.command().apply(8123))
        .containsExactly(
            "serve",
            "m",
            "--at",
            "127.0.0.1:8123",
            "--gpus",
            "0,1",
            "--count",
            "2",
            "--lora",
            "x,y",
            "--q",
            "awq",
            "--tag",
            "v1");
    assertThat(only().kind().command())
        .isEqualTo(
            settings.command().apply(8123).stream()
                .map(word -> word.replace("8123", "{port}"))
                .toList());
    assertThat(settings.gpus()).containsExactly("0", "1");
    assertThat(settings.environment()).containsEntry("CUDA_VISIBLE_DEVICES", "0,1");
    assertThat(settings.environment()).containsKey("VLLM_PORT");
    assertThat(settings.sharedIn()).isEmpty();
    engines.close();
  }

  @Test
  void eachGpuHasAnEngineOfItsOwnWhereThatIsWanted() throws Exception {
    ProcessEngines engines = start(TWO_GPUS, "engine-per", "gpu");

    assertThat(started)
        .extracting(each -> each.settings().name())
        .containsExactly("engine of executor 7, GPU 0", "engine of executor 7, GPU 1");
    assertThat(started)
        .extracting(each -> each.settings().gpus())
        .containsExactly(List.of("0"), List.of("1"));
    assertThat(started)
        .extracting(each -> each.settings().environment().get("CUDA_VISIBLE_DEVICES"))
        .containsExactly("0", "1");
    assertThat(started)
        .extracting(each -> each.kind().gpus())
        .containsExactly(List.of("0"), List.of("1"));
    engines.close();
  }

  @Test
  void whereNoGpuIsKnownTheEngineSeesWhatItSees() throws Exception {
    ProcessEngines engines = start(EnginePlace.NOWHERE, "engine-per", "gpu");

    assertThat(only().settings().gpus()).isEmpty();
    assertThat(only().settings().environment()).doesNotContainKey("CUDA_VISIBLE_DEVICES");
    engines.close();
  }

  @Test
  void theExecutorsOfAMachineShareAnEngineOfTheirSubmissionThatEndsWithTheRun() throws Exception {
    List<Path> folders = new ArrayList<>();
    try {
      for (String submission : List.of("s1", "s1", "s2")) {
        start(
                new EnginePlace(List.of("0"), "node-a", submission),
                "engine-per",
                "node",
                "engine-idle",
                "10m")
            .close();
      }
      started.forEach(each -> folders.add(each.settings().sharedIn().orElseThrow()));

      assertThat(started)
          .extracting(each -> each.settings().name())
          .containsOnly("engine of machine node-a");
      assertThat(folders.get(1)).isEqualTo(folders.get(0)).isNotEqualTo(folders.get(2)).exists();
      assertThat(started.get(0).engine().events).contains("left [0] PT0S");
    } finally {
      for (Path folder : folders) {
        Files.deleteIfExists(folder);
      }
    }
  }

  @Test
  void anEngineIsKeptForTheNextRunAsLongAsTheOptionSays() throws Exception {
    start(TWO_GPUS, "engine-idle", "10m").close();
    assertThat(only().engine().events).containsExactly("awaited", "left [0, 1] PT10M");
    started.clear();

    start(TWO_GPUS).close();
    assertThat(only().engine().events).containsExactly("awaited", "left [0, 1] PT0S");
  }

  @Test
  void variablesOfTheRunAreTheEnginesAndItsSecretsAreHiddenInItsLog() throws Exception {
    variables.put("HF_TOKEN", "hf_secret-token");
    variables.put("CUDA_VISIBLE_DEVICES", "5");
    ProcessEngines engines = start(TWO_GPUS);

    EngineSettings settings = only().settings();
    assertThat(settings.environment())
        .containsEntry("HF_TOKEN", "hf_secret-token")
        .containsEntry("CUDA_VISIBLE_DEVICES", "5");
    assertThat(settings.mask().apply("uses hf_secret-token and key-of-engine"))
        .isEqualTo("uses *** and ***");
    assertThat(only().kind().environment()).isEqualTo(variables);
    assertThat(settings.probe().headers()).containsEntry("Authorization", "Bearer key-of-engine");
    engines.close();
  }

  @Test
  void anEngineIsAskedWhereTheOptionSaysOrInTheUsualPlaces() throws Exception {
    start(TWO_GPUS).close();
    assertThat(only().settings().probe().healthPaths()).containsExactly("/health", "/v1/models");
    assertThat(only().settings().probe().request()).isPresent();
    started.clear();

    start(
            TWO_GPUS,
            "engine-health",
            "/ping",
            "engine-ready-timeout",
            "3m",
            "engine-hung-after",
            "4m")
        .close();
    assertThat(only().settings().probe().healthPaths()).containsExactly("/ping");
    assertThat(only().kind().healthPaths()).containsExactly("/ping");
    assertThat(only().settings().patience().ready()).isEqualTo(Duration.ofMinutes(3));
    assertThat(only().kind().hung()).isEqualTo(Duration.ofMinutes(4));
  }

  @Test
  void whereNoEngineComesUpTheTaskFailsAndNothingIsLeftBehind() {
    begins = engine -> engine.is(State.GIVEN_UP, "it ended with exit code 3");

    assertThatThrownBy(() -> start(TWO_GPUS, "engine-per", "gpu"))
        .isInstanceOfSatisfying(
            BatchException.class,
            thrown -> assertThat(thrown.code()).isEqualTo(ErrorCode.ENGINE_FAILED))
        .hasMessage("engine of executor 7, GPU 0: it ended with exit code 3");

    assertThat(started).hasSize(2);
    assertThat(started)
        .allSatisfy(
            each -> assertThat(each.engine().events).hasSize(2).last().asString().contains("left"));
    assertThat(time.isClosed()).isTrue();
  }

  @Test
  void rowsAreSentAsLongAsOneEngineAnswers() throws Exception {
    begins =
        engine -> engine.is(engine.name().endsWith("0") ? State.GIVEN_UP : State.READY, "broken");

    ProcessEngines engines = start(TWO_GPUS, "engine-per", "gpu");

    assertThat(time.isClosed()).isFalse();
    engines.close();
    assertThat(time.isClosed()).isTrue();
  }

  @Test
  void anEngineThatIsNotWantedAnyMoreIsNoFailure() throws Exception {
    begins = engine -> engine.is(State.ENDED, "");

    start(TWO_GPUS).close();

    assertThat(only().engine().events).startsWith("awaited");
  }

  @Test
  void theDriverHearsHowAnEngineIsAndSaysWhetherItIsWanted() throws Exception {
    ProcessEngines engines = start(TWO_GPUS);

    assertThat(only().tells(State.STARTING, "again")).isTrue();
    wanted = false;
    assertThat(only().tells(State.READY, "")).isFalse();

    assertThat(told).extracting(EngineFigures::state).containsExactly(State.STARTING, State.READY);
    assertThat(told).extracting(EngineFigures::words).containsExactly("again", "");
    engines.close();
  }

  @Test
  void theLogOfAnEngineThatChangesIsKeptInTheRunsFolder() throws Exception {
    ProcessEngines engines = start(TWO_GPUS);
    only().tells(State.STARTING, "");
    // Nothing is printed yet.
    assertThat(logs()).isEmpty();

    only().engine().prints(List.of("one"));
    only().tells(State.STARTING, "");

    assertThat(logs()).containsExactly("/out/_engine/20261129T040506-executor-7.log");
    assertThat(new String(files.content(logs().get(0)), UTF_8)).isEqualTo("one");
    engines.close();
  }

  @Test
  void theLogOfAnEngineThatIsWellIsKeptOnceAMinute() throws Exception {
    ProcessEngines engines = start(TWO_GPUS);
    only().engine().prints(List.of("one"));
    time.advance(Duration.ofSeconds(60));
    only().tells(State.READY, "");
    assertThat(logs()).isEmpty();
    time.advance(Duration.ofSeconds(1));
    only().tells(State.READY, "");
    assertThat(logs()).hasSize(1);

    only().engine().prints(List.of("one", "two"));
    time.advance(Duration.ofSeconds(60));
    only().tells(State.READY, "");
    assertThat(new String(files.content(logs().get(0)), UTF_8)).isEqualTo("one");
    time.advance(Duration.ofSeconds(1));
    only().tells(State.READY, "");
    assertThat(new String(files.content(logs().get(0)), UTF_8)).isEqualTo("one\ntwo");

    // Nothing new is not written again.
    files.forget(logs().get(0));
    time.advance(Duration.ofMinutes(5));
    only().tells(State.READY, "");
    assertThat(logs()).isEmpty();
    engines.close();
  }

  @Test
  void ofAnEngineThatIsGivenUpTheDriverHearsTheLastLinesAndWhereTheLogIs() throws Exception {
    ProcessEngines engines = start(TWO_GPUS);
    only().engine().prints(lines(20));

    only().tells(State.GIVEN_UP, "it ended with exit code 3");

    String words = told.get(0).words();
    assertThat(words)
        .startsWith("it ended with exit code 3 (log: /out/_engine/20261129T040506-executor-7.log)")
        .endsWith(String.join("\n", lines(20).subList(8, 20)))
        .doesNotContain("line 7");
    only().engine().prints(List.of("alone"));
    only().tells(State.GIVEN_UP, "again");
    assertThat(told.get(1).words()).startsWith("again (log: ").endsWith("alone");
    engines.close();
  }

  @Test
  void aLogThatCannotBeSavedKeepsNothingFromGoingOn() throws Exception {
    ProcessEngines engines = start(TWO_GPUS);
    only().engine().prints(List.of("one"));
    files.before(
        operation -> {
          throw new IOException("no space left");
        });

    assertThat(only().tells(State.STARTING, "")).isTrue();

    assertThat(told).hasSize(1);
    files.before(operation -> {});
    engines.close();
  }

  @Test
  void eachEngineIsCreditedWithItsOwnAnswersAndTheNextHearsOfAllAttempts() throws Exception {
    ProcessEngines engines = start(TWO_GPUS, "engine-per", "gpu");
    List<String> heard = new ArrayList<>();
    OutboundRequest request =
        new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 1);
    var counting =
        engines.counting(
            (replica, any, attempt, nanos) ->
                heard.add(replica + " " + attempt.meaning() + " " + nanos));
    String second = started.get(1).engine().name();

    counting.attempted(second, request, ended(StatusMeaning.ANSWERED, new Usage(3, 40)), 5);
    counting.attempted(second, request, ended(StatusMeaning.ANSWERED, null), 6);
    counting.attempted(second, request, ended(StatusMeaning.CONNECTION_LOST, new Usage(3, 40)), 7);

    assertThat(started.get(1).engine().events).containsExactly("awaited", "served 40", "served 0");
    assertThat(started.get(0).engine().events).containsExactly("awaited");
    assertThat(heard)
        .containsExactly(
            second + " ANSWERED 5", second + " ANSWERED 6", second + " CONNECTION_LOST 7");
    engines.close();
  }

  private static Attempt ended(StatusMeaning meaning, @Nullable Usage usage) {
    return new Attempt(
        meaning,
        null,
        usage == null ? null : new ReplyFacts(true, usage, "", ""),
        null,
        Optional.empty());
  }

  @Test
  void rowsHaveAWayToEachEngine() throws Exception {
    ProcessEngines engines = start(TWO_GPUS, "engine-per", "gpu");
    Closer closer = new Closer();

    List<? extends InferenceChannel> channels;
    try (WorkedJob job = new WorkedJob(files, 2, 2, Map.of("engine", COMMAND))) {
      channels =
          engines.open(
              job.view().spec().options(),
              new RunSecrets(new TreeMap<>(), new TreeMap<>()),
              time,
              () -> true,
              closer);
    }

    assertThat(channels)
        .extracting(InferenceChannel::name)
        .containsExactlyElementsOf(started.stream().map(each -> each.engine().name()).toList());
    closer.close();
    engines.close();
  }

  @Test
  void whoIsInterruptedWhileEnginesEndWaitsForThemAndIsInterruptedAfterwards() throws Exception {
    ProcessEngines engines = start(TWO_GPUS);
    Thread.currentThread().interrupt();

    engines.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(only().engine().events).last().asString().startsWith("left");
    assertThat(time.isClosed()).isTrue();
  }

  @Test
  void whoEndsEnginesInPeaceIsNotInterrupted() throws Exception {
    start(TWO_GPUS).close();

    assertThat(Thread.interrupted()).isFalse();
  }
}
