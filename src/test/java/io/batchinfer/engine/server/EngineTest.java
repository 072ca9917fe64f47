package io.batchinfer.engine.server;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.server.EngineSettings.Patience;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.TinyModelServer;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With real processes, which is what engines are about. */
@Timeout(900)
class EngineTest {
  private static final Duration KEPT = Duration.ofMinutes(10);
  private static final Patience PATIENCE =
      new Patience(
          LONG_ENOUGH,
          LONG_ENOUGH,
          Duration.ofSeconds(2),
          Duration.ofMillis(20),
          Duration.ofMillis(100));

  @TempDir Path folder;
  private Optional<Path> sharedIn = Optional.empty();
  private final AtomicBoolean wanted = new AtomicBoolean(true);
  private final List<State> states = new CopyOnWriteArrayList<>();
  private final SystemTime time = new SystemTime("engine-test");
  private final List<Engine> open = new ArrayList<>();

  @AfterEach
  void end() {
    open.forEach(Engine::close);
    Engine.endIdle();
    time.close();
  }

  private Engine start(IntFunction<List<String>> command, Patience patience) {
    return start(command, patience, Engine::freePort);
  }

  private Engine start(IntFunction<List<String>> command, Patience patience, IntSupplier ports) {
    Engine engine = Engine.start(settings(command, patience), time, this::tell, ports);
    open.add(engine);
    return engine;
  }

  private EngineSettings settings(IntFunction<List<String>> command, Patience patience) {
    return new EngineSettings(
        "engine",
        command,
        Map.of("TINY_TOKEN", "hf_secret-token"),
        List.of(),
        sharedIn,
        new EngineProbe(
            List.of("/health", "/v1/models"),
            Optional.of(new EngineProbe.Request("/v1/completions", "{}")),
            Map.of()),
        patience,
        Clock.systemUTC(),
        line -> line.replace("hf_secret-token", "***"));
  }

  private boolean tell(Engine told) {
    return states.add(told.figures().state()) && wanted.get();
  }

  private static List<String> tiny(int port, String... more) {
    return TinyModelServer.command(Integer.toString(port), more);
  }

  private static List<String> sh(String script) {
    return List.of("sh", "-c", script);
  }

  private Patience impatient(Duration ready) {
    return new Patience(
        ready, PATIENCE.hung(), Duration.ofSeconds(1), PATIENCE.backOff(), PATIENCE.look());
  }

  private static boolean isAlive(Path pidFile) {
    try {
      return Files.readAllLines(pidFile).stream()
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
          .anyMatch(ProcessHandle::isAlive);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anEngineIsReadyOnceItAnswersAndIsStartedAgainWhenItDies() throws Exception {
    Path pid = folder.resolve("pid");
    Engine engine = start(port -> tiny(port, "pids=" + pid), PATIENCE);

    assertThat(engine.awaitReady()).as("%s", engine.lastLines()).isTrue();
    URI first = engine.address().orElseThrow();
    assertThat(String.join("\n", engine.lastLines()))
        .contains("listening with token ***")
        .doesNotContain("hf_secret-token");
    assertThat(new String(engine.printed(), StandardCharsets.UTF_8))
        .doesNotContain("hf_secret-token");

    HttpURLConnection dying = (HttpURLConnection) first.resolve("/die").toURL().openConnection();
    assertThat(failsToAnswer(dying)).isTrue();
    Eventually.await(
        "it is ready again",
        LONG_ENOUGH,
        () -> engine.figures().restarts() == 1 && engine.address().isPresent(),
        () -> engine.lastLines().toString());
    assertThat(String.join("\n", engine.lastLines())).contains("it ended with exit code 9");
    engine.close();

    assertThat(isAlive(pid)).isFalse();
    assertThat(engine.address()).isEmpty();
    assertThat(engine.figures().state()).isEqualTo(State.ENDED);
    assertThat(states).containsSubsequence(State.READY, State.STARTING, State.READY, State.ENDED);
  }

  private static boolean failsToAnswer(HttpURLConnection connection) {
    try {
      return connection.getResponseCode() < 0;
    } catch (IOException gone) {
      return true;
    }
  }

  @Test
  void anEngineThatDiesAsItStartsIsGivenUpAfterThreeMoreTries() throws Exception {
    Engine engine = start(port -> sh("echo no GPU is free; exit 3"), PATIENCE);

    assertThat(engine.awaitReady()).isFalse();

    assertThat(engine.figures().state()).isEqualTo(State.GIVEN_UP);
    assertThat(engine.figures().restarts()).isEqualTo(3);
    assertThat(engine.figures().words()).isEqualTo("it ended with exit code 3");
    assertThat(engine.lastLines()).filteredOn("no GPU is free"::equals).hasSize(4);
  }

  @Test
  void anEngineThatIsNotWantedAnyMoreIsNotWaitedFor() throws Exception {
    Path pid = folder.resolve("pid");
    Engine engine = start(port -> tiny(port, "pids=" + pid, "refuse=500"), PATIENCE);
    Eventually.await(
        "it is starting",
        LONG_ENOUGH,
        () -> Files.exists(pid),
        () -> engine.lastLines().toString());

    wanted.set(false);

    assertThat(engine.awaitReady()).isFalse();
    assertThat(engine.figures().state()).isEqualTo(State.ENDED);
    assertThat(isAlive(pid)).isFalse();
  }

  @Test
  void aCommandThatIsNotThereIsSaid() throws Exception {
    Engine engine = start(port -> List.of("no-such-server"), PATIENCE);

    assertThat(engine.awaitReady()).isFalse();
    assertThat(engine.figures().words()).contains("was not found");
  }

  @Test
  void anEngineThatIsWellButAnswersNothingIsNotReadyAndGivenUpInTime() throws Exception {
    Engine engine = start(port -> tiny(port, "refuse=500"), impatient(Duration.ofSeconds(12)));

    assertThat(engine.awaitReady()).isFalse();
    assertThat(engine.figures().words())
        .contains("not ready within", "/v1/completions was answered with 500");
  }

  @Test
  void anEngineThatHangsIsStartedAgain() throws Exception {
    Path pid = folder.resolve("pid");
    Patience soonHung =
        new Patience(
            PATIENCE.ready(),
            Duration.ofSeconds(4),
            Duration.ofSeconds(1),
            PATIENCE.backOff(),
            PATIENCE.look());
    Engine engine = start(port -> tiny(port, "pids=" + pid), soonHung);
    assertThat(engine.awaitReady()).as("%s", engine.lastLines()).isTrue();
    Process stopped =
        new ProcessBuilder("kill", "-STOP", Files.readString(pid).strip()).inheritIO().start();
    assertThat(stopped.waitFor()).isZero();

    Eventually.await(
        "it is started again and ready",
        LONG_ENOUGH,
        () -> engine.figures().restarts() > 0 && engine.address().isPresent(),
        () -> engine.lastLines().toString());
    assertThat(String.join("\n", engine.lastLines())).contains("it has answered nothing for");
  }

  @Test
  void nothingThatAnEngineStartedOutlivesIt() throws Exception {
    Path pids = folder.resolve("pids");
    Path own = folder.resolve("own");
    Engine engine =
        start(
            port ->
                sh(
                    "trap '' TERM; sleep 600 & echo $! >>%1$s; setsid sleep 600 & echo $! >>%1$s; echo $$ >>%1$s; touch %2$s; wait"
                        .formatted(pids, own)),
            PATIENCE);
    Eventually.await(
        "it runs", LONG_ENOUGH, () -> Files.exists(own), () -> engine.lastLines().toString());

    engine.close();

    List<String> started = Files.readAllLines(pids);
    assertThat(started).hasSize(3);
    Eventually.await(
        "none of them is left",
        LONG_ENOUGH,
        () ->
            started.stream()
                .noneMatch(
                    pid ->
                        ProcessHandle.of(Long.parseLong(pid))
                            .map(ProcessHandle::isAlive)
                            .orElse(false)),
        started::toString);
  }

  @Test
  void aPortThatIsTakenIsNotTakenForTheEngines() throws Exception {
    Path pid = folder.resolve("pid");
    Engine other = start(port -> tiny(port, "pids=" + pid), PATIENCE);
    assertThat(other.awaitReady()).isTrue();
    int taken = other.address().orElseThrow().getPort();
    // One that is slow to fail would be taken for ready by the other's answers.
    Deque<Integer> ports = new ArrayDeque<>(List.of(taken));

    Engine engine =
        start(
            port -> port == taken ? sh("exec sleep 600") : tiny(port),
            PATIENCE,
            () -> ports.isEmpty() ? Engine.freePort() : ports.remove());

    assertThat(engine.awaitReady()).as("%s", engine.lastLines()).isTrue();
    assertThat(engine.figures().restarts()).isEqualTo(1);
    assertThat(String.join("\n", engine.lastLines())).contains("was taken by another process");
    assertThat(engine.address().orElseThrow().getPort()).isNotEqualTo(taken);
    try (Socket connected = new Socket(InetAddress.getLoopbackAddress(), taken)) {
      assertThat(connected.isConnected()).isTrue();
    }
  }

  private static EngineKind kind(String deployment) {
    return new EngineKind(
        deployment, List.of("x"), Map.of(), List.of(), List.of(), PATIENCE.ready(), KEPT);
  }

  private Engine taken(String deployment, IntFunction<List<String>> command) {
    Engine engine =
        Engine.takeOrStart(kind(deployment), settings(command, PATIENCE), time, this::tell);
    open.add(engine);
    return engine;
  }

  @Test
  void anEngineThatWasLeftServesTheNextRunOfItsKindWhichSeesNothingOfTheFirst() throws Exception {
    Path pids = folder.resolve("pids");
    IntFunction<List<String>> command = port -> tiny(port, "echo=yes", "pids=" + pids);
    Engine first = taken("a", command);
    assertThat(first.awaitReady()).as("%s", first.lastLines()).isTrue();
    URI address = first.address().orElseThrow();
    first.served(7);
    ask(address, "of the first run");
    first.leave(kind("a"), KEPT);
    assertThat(first.figures().state()).isEqualTo(State.ENDED);
    assertThat(first.address()).isEmpty();
    ask(address, "of nobody");

    Engine second = taken("a", command);

    assertThat(second.awaitReady()).isTrue();
    assertThat(second.address()).contains(address);
    assertThat(second.figures().requests()).isZero();
    assertThat(second.figures().idleBefore()).isPresent();
    assertThat(second.figures().untilReady()).isZero();
    ask(address, "of the second run");
    Eventually.await(
        "the second run hears what is printed for it",
        LONG_ENOUGH,
        () -> text(second).contains("of the second run"),
        () -> text(second));
    assertThat(text(second)).doesNotContain("of the first run").doesNotContain("of nobody");
    assertThat(text(first)).doesNotContain("of nobody").doesNotContain("of the second run");
    assertThat(Files.readAllLines(pids)).hasSize(1);
    second.close();
    assertThat(isAlive(pids)).isFalse();
  }

  @Test
  void anEngineThatWasLeftMakesRoomForOneOfAnotherKind() throws Exception {
    Path pids = folder.resolve("pids");
    Engine first = taken("a", port -> tiny(port, "pids=" + pids));
    assertThat(first.awaitReady()).as("%s", first.lastLines()).isTrue();
    first.leave(kind("a"), KEPT);

    Engine second = taken("b", port -> sh("exit 3"));

    assertThat(isAlive(pids)).isFalse();
    assertThat(second.awaitReady()).isFalse();
  }

  @Test
  void anEngineThatLeftARequestUnansweredIsNotKept() throws Exception {
    Path pids = folder.resolve("pids");
    Engine engine = start(port -> tiny(port, "pids=" + pids), PATIENCE);
    assertThat(engine.awaitReady()).as("%s", engine.lastLines()).isTrue();
    engine.sent();
    engine.ended(false);

    engine.leave(kind("a"), KEPT);

    assertThat(isAlive(pids)).isFalse();
  }

  @Test
  void anEngineThatDiesWhileNobodyUsesItIsStartedForTheNextRunOnly() throws Exception {
    Path pids = folder.resolve("pids");
    IntFunction<List<String>> command = port -> tiny(port, "pids=" + pids);
    Engine first = taken("a", command);
    assertThat(first.awaitReady()).as("%s", first.lastLines()).isTrue();
    URI address = first.address().orElseThrow();
    first.leave(kind("a"), KEPT);
    HttpURLConnection dying = (HttpURLConnection) address.resolve("/die").toURL().openConnection();
    assertThat(failsToAnswer(dying)).isTrue();

    Engine second = taken("a", command);

    assertThat(second.awaitReady()).as("%s", second.lastLines()).isTrue();
    assertThat(second.figures().idleBefore()).isEmpty();
    assertThat(Files.readAllLines(pids)).hasSize(2);
  }

  private static String text(Engine engine) {
    return new String(engine.printed(), StandardCharsets.UTF_8);
  }

  private static void ask(URI address, String words) throws IOException {
    HttpURLConnection asked =
        (HttpURLConnection) address.resolve("/v1/completions").toURL().openConnection();
    asked.setDoOutput(true);
    try (OutputStream out = asked.getOutputStream()) {
      out.write(words.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(asked.getResponseCode()).isEqualTo(200);
  }

  @Test
  void anEngineThatIsSharedIsStartedOnceAndGoesOverToWhoeverIsLeft() throws Exception {
    Path pids = folder.resolve("pids");
    sharedIn = Optional.of(folder);
    Engine keeper = start(port -> tiny(port, "pids=" + pids), PATIENCE);
    assertThat(keeper.awaitReady()).as("%s", keeper.lastLines()).isTrue();
    Engine other = start(port -> tiny(port, "pids=" + pids), PATIENCE);

    assertThat(other.awaitReady()).as("%s", other.figures()).isTrue();
    assertThat(other.address()).isEqualTo(keeper.address());
    assertThat(other.figures().startedAt()).isEqualTo(keeper.figures().startedAt());
    assertThat(other.figures().up()).isZero();
    assertThat(Files.readAllLines(pids)).hasSize(1);

    keeper.close();

    Eventually.await(
        "the other one has started it anew",
        LONG_ENOUGH,
        () -> other.address().isPresent() && other.figures().up().toNanos() > 0,
        () -> other.figures() + " " + other.lastLines());
    assertThat(Files.readAllLines(pids)).hasSize(2);
    assertThat(other.figures().startedAt()).isAfter(keeper.figures().startedAt());
    other.close();
    assertThat(isAlive(pids)).isFalse();
  }

  @Test
  void anEngineThatIsSharedIsNotStartedAgainForNothing() throws Exception {
    sharedIn = Optional.of(folder);
    Engine keeper = start(port -> sh("echo no GPU is free; exit 3"), PATIENCE);
    Engine other = start(port -> sh("echo no GPU is free; exit 3"), PATIENCE);

    assertThat(keeper.awaitReady()).isFalse();
    assertThat(other.awaitReady()).isFalse();

    for (Engine engine : List.of(keeper, other)) {
      assertThat(engine.figures().state()).isEqualTo(State.GIVEN_UP);
      assertThat(engine.figures().words()).isEqualTo("it ended with exit code 3");
      assertThat(engine.figures().restarts()).isEqualTo(3);
    }
    assertThat(keeper.printed().length == 0 ^ other.printed().length == 0).isTrue();
  }

  @Test
  void anEngineThatNobodyWantsAnyMoreIsNotTakenOver() throws Exception {
    Path pids = folder.resolve("pids");
    sharedIn = Optional.of(folder);
    Engine keeper = start(port -> tiny(port, "pids=" + pids), PATIENCE);
    assertThat(keeper.awaitReady()).as("%s", keeper.lastLines()).isTrue();
    Engine other = start(port -> tiny(port, "pids=" + pids), PATIENCE);
    assertThat(other.awaitReady()).isTrue();

    wanted.set(false);
    keeper.close();

    Eventually.await(
        "the other one has ended",
        LONG_ENOUGH,
        () -> other.figures().state() == State.ENDED,
        () -> other.figures().toString());
    assertThat(Files.readAllLines(pids)).hasSize(1);
    assertThat(other.address()).isEmpty();
  }
}
