package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest.Json;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.KindCounts;
import io.batchinfer.course.RowKind;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.course.TokenHistogram;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.send.WorkedJob.End;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One worker, its driver on the same thread, and an endpoint that answers as the test says. */
class SplitWorkerTest {
  private static final Duration FENCE = Duration.ofSeconds(10);

  /** Where a test has to wait for its end: no machine stands still for so long. */
  private static final Duration SHORT_FENCE = Duration.ofSeconds(4);

  private static final String GOOD =
      "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1},\"choices\":[{\"message\":{\"content\":\"to"
          + " %s\"},\"finish_reason\":\"stop\"}]}";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final Map<String, AtomicInteger> sent = new ConcurrentHashMap<>();
  private final Map<String, Deque<Answering>> script = new ConcurrentHashMap<>();

  /** What becomes of one attempt. */
  @FunctionalInterface
  private interface Answering {
    CompletableFuture<Reply> to(String name);
  }

  private static Answering status(int status, String body) {
    return name ->
        CompletableFuture.supplyAsync(
            () ->
                new Reply(
                    status, header -> null, body.formatted(name).getBytes(StandardCharsets.UTF_8)));
  }

  private static Answering lost(Kind kind) {
    return name -> CompletableFuture.failedFuture(new TransportException(kind, "scripted", null));
  }

  private void answers(String name, Answering... answers) {
    script.put(name, new ConcurrentLinkedDeque<>(List.of(answers)));
  }

  private InferenceChannel endpoint() {
    return request -> {
      String body = new String(((Json) request.entity()).content(), StandardCharsets.UTF_8);
      String name = body.replaceAll(".*\"user\":\"([^\"]*)\".*", "$1");
      sent.computeIfAbsent(name, unused -> new AtomicInteger()).incrementAndGet();
      Answering next = script.getOrDefault(name, new ArrayDeque<>()).poll();
      return (next == null ? status(200, GOOD) : next).to(name);
    };
  }

  private int sent(String name) {
    return sent.getOrDefault(name, new AtomicInteger()).get();
  }

  private static End end(CompletableFuture<End> worker) throws Exception {
    return worker.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
  }

  /** Result and error lines by custom id: the answer's text, or the code of what became of it. */
  private Map<String, String> rows(WorkedJob job) throws Exception {
    Map<String, String> rows = new TreeMap<>();
    for (String path : files.paths()) {
      if (path.startsWith(job.folder.results() + "/")
          || path.startsWith(job.folder.errors() + "/")) {
        for (String line :
            new String(files.content(path), StandardCharsets.UTF_8).lines().toList()) {
          if (!line.isEmpty()) {
            JsonNode row = new ObjectMapper().readTree(line);
            JsonNode error = row.path("error");
            String fate =
                error.isObject()
                    ? error.path("code").asText()
                    : row.path("response").path("status_code").asInt()
                        + " "
                        + row.at("/response/body/choices/0/message/content").asText();
            String name = row.path("custom_id").asText();
            String before =
                rows.put(fate.equals("duplicate_custom_id") ? name + " again" : name, fate);
            assertThat(before).as("another line of the same row").isNull();
          }
        }
      }
    }
    return rows;
  }

  /**
   * A worker that gave up may be gone before its last rows are. Those that wait to be let out never
   * go: they are given up with the process's runtime, and so is their room.
   */
  private static void assertNothingIsHeld(WorkerRuntime runtime) {
    Eventually.await(
        "no room is held any more",
        LONG_ENOUGH,
        () ->
            runtime.room().rows() == runtime.quota().waiting()
                && (runtime.room().rows() > 0 || runtime.room().bytes() == 0)
                && runtime.quota().inFlight() == 0
                && runtime.room().unflushedBytes() == 0,
        () ->
            "%d rows of %d bytes in the window, %d of which wait, %d attempts, %d bytes of the journal"
                .formatted(
                    runtime.room().rows(),
                    runtime.room().bytes(),
                    runtime.quota().waiting(),
                    runtime.quota().inFlight(),
                    runtime.room().unflushedBytes()));
  }

  @Test
  void whatTheRowsOfASplitWereLikeIsKeptWithItsCommit() throws Exception {
    answers("row-0001", status(503, "{}"), status(200, GOOD));
    answers("row-0002", status(400, "{\"error\":{\"message\":\"no %s here\"}}"));
    answers(
        "row-0003",
        status(
            200,
            "{\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":9},\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"length\"}]}"));
    try (WorkedJob job = new WorkedJob(files, 8, 4, Map.of())) {
      assertThat(end(job.work(endpoint(), UnaryOperator.identity())).cause()).isNull();

      JobCourse course = JobCourse.read(job.folder);

      assertThat(course.sketchedSplits()).isEqualTo(job.plan.splits().size()).isGreaterThan(1);
      RowSketch rows = course.rows();
      assertThat(rows.rows()).isEqualTo(8);
      assertThat(rows.latencies().total()).isEqualTo(8);
      assertThat(rows.attempts()).containsExactly(0L, 7L, 1L);
      assertThat(rows.finishReasons()).isEqualTo(Map.of("other", 6L, "length", 1L));
      assertThat(rows.promptTokens().counts()[TokenHistogram.classOf(5)]).isEqualTo(1);
      assertThat(rows.completionTokens().counts()[TokenHistogram.classOf(1)]).isEqualTo(6);
      assertThat(rows.examples())
          .isEqualTo(Map.of("http_400", List.of(new Example("row-0002", "no row-0002 here"))));
      assertThat(rows.kinds())
          .isEqualTo(
              Map.of(
                  new RowKind("/v1/chat/completions", "m", false, false),
                  new KindCounts(8, 1, 1, List.of("row-0002"))));
      assertThat(rows.slowest()).extracting(SlowRow::customId).doesNotHaveDuplicates().hasSize(8);
      assertThat(rows.replicas().values())
          .singleElement()
          .satisfies(answers -> assertThat(answers.count()).isEqualTo(7));
      assertThat(rows.processes().values())
          .singleElement()
          .satisfies(sent -> assertThat(sent.count()).isEqualTo(8));
    }
  }

  @Test
  void everyRowGetsItsFateAndGivesItsRoomBack() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String name : List.of("good", "later", "refused", "lost", "garbled", "good-too")) {
      lines.add(WorkedJob.line(name));
    }
    lines.add("{\"custom_id\":\"broken\",");
    lines.add("");
    lines.add(WorkedJob.line("good"));
    answers("later", status(503, "{}"), status(200, GOOD));
    answers("refused", status(400, "{\"error\":{\"message\":\"no\"}}"));
    answers("lost", lost(Kind.CONNECTION_LOST), lost(Kind.CONNECTION_LOST));
    answers("garbled", status(200, "no JSON"));
    try (WorkedJob job =
        new WorkedJob(files, lines, 3, FENCE, Map.of("concurrency", "4", "retry-ambiguous", "1"))) {
      End end = end(job.work(endpoint(), UnaryOperator.identity()));

      assertThat(end.cause()).isNull();
      assertThat(job.published()).isEqualTo(lines.size() - 1);
      Map<String, String> rows = rows(job);
      assertThat(rows)
          .containsEntry("later", "200 to later")
          .containsEntry("good-too", "200 to good-too")
          .containsEntry("good", "200 to good")
          .containsEntry("good again", "duplicate_custom_id")
          .containsEntry("garbled", "invalid_response");
      assertThat(rows.get("refused")).startsWith("400");
      assertThat(sent("good")).isEqualTo(1);
      // On a machine that stands still, the driver takes the first loss for an outage, which is no
      // row's fault: it is sent once more for that.
      assertThat(rows.get("lost"))
          .isEqualTo(sent("lost") == 2 ? "connection_error" : "200 to lost");
      assertThat(sent("lost")).isBetween(2, 3);
      assertThat(sent("later")).isEqualTo(2);
      assertNothingIsHeld(job.latest());
    }
  }

  /** By itself: rows that are lost beside each other are an outage's, which has its own rule. */
  @Test
  void aRowThatIsLostOnceIsSentOnceMore() throws Exception {
    answers("lost-once", lost(Kind.CONNECTION_LOST), status(200, GOOD));
    List<String> lines = List.of(WorkedJob.line("good"), WorkedJob.line("lost-once"));
    try (WorkedJob job =
        new WorkedJob(files, lines, 3, FENCE, Map.of("concurrency", "4", "retry-ambiguous", "1"))) {
      End end = end(job.work(endpoint(), UnaryOperator.identity()));

      assertThat(end.cause()).isNull();
      assertThat(rows(job)).containsEntry("lost-once", "200 to lost-once");
      assertThat(sent("lost-once")).isEqualTo(2);
      assertNothingIsHeld(job.latest());
    }
  }

  /** What a worker asks of others, and the kinds of what they throw. */
  static Stream<Arguments> collaborators() {
    return Stream.of(
            WorkerRequest.Kind.HELLO,
            WorkerRequest.Kind.CLAIM,
            WorkerRequest.Kind.TRYING,
            WorkerRequest.Kind.QUOTA,
            WorkerRequest.Kind.COMMIT,
            WorkerRequest.Kind.COMMITTED,
            WorkerRequest.Kind.LEAVE)
        .flatMap(
            kind ->
                Stream.of(
                        new OutOfMemoryError("scripted"),
                        new StackOverflowError("scripted"),
                        new IllegalStateException("scripted"))
                    .flatMap(
                        thrown ->
                            Stream.of(Side.values())
                                .map(side -> Arguments.of(kind, thrown, side))));
  }

  /** Where a message or its answer comes to grief. */
  enum Side {
    /** The call throws; the driver hears nothing. */
    CALL,
    /** The driver fails on it, which the answer says. */
    DRIVER,
    /** The driver has handled it, and the answer does not come. */
    ANSWER
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("collaborators")
  void whateverADriverThrowsTheWorkerEndsAndHoldsNothing(
      WorkerRequest.Kind kind, Throwable thrown, Side side) throws Exception {
    List<String> lines = Stream.of("a", "b", "c", "d", "e", "f").map(WorkedJob::line).toList();
    AtomicBoolean armed = new AtomicBoolean(true);
    try (WorkedJob job = new WorkedJob(files, lines, 3, FENCE, Map.of("concurrency", "4"))) {
      if (kind == WorkerRequest.Kind.TRYING) {
        job.suspectAll();
      }
      End end = end(job.work(endpoint(), failing(kind, thrown, side, armed)));

      assertThat(armed).as("whether it was thrown").isFalse();
      if (kind != WorkerRequest.Kind.HELLO) {
        assertNothingIsHeld(job.latest());
      }
      if (end.cause() != null) {
        assertThat(BrokenCallbacksTest.causes(end.cause())).contains("scripted");
        job.time.skip(FENCE.multipliedBy(2));
        assertThat(end(job.work(endpoint(), UnaryOperator.identity())).cause()).isNull();
      }
      assertThat(job.published()).isEqualTo(lines.size());
      // What was under way when the process gave up may have run.
      sent.forEach((name, times) -> assertThat(times.get()).as(name).isBetween(1, 2));
    }
  }

  /** Its process breaks while one row is under way and others wait for its slot. */
  @Test
  void rowsThatWaitWhenTheProcessBreaksAreLeftToAnother() throws Exception {
    List<String> lines = Stream.of("a", "b", "c", "d", "e", "f").map(WorkedJob::line).toList();
    CompletableFuture<Reply> held = new CompletableFuture<>();
    answers("d", name -> held);
    try (WorkedJob job = new WorkedJob(files, lines, 3, FENCE, Map.of("concurrency", "1"))) {
      UnaryOperator<DriverPort> breaksWhenTwoWait =
          driver ->
              message -> {
                if (WorkerMessage.decode(message).request().kind() == WorkerRequest.Kind.COMMIT) {
                  Eventually.await(
                      "the last two wait",
                      LONG_ENOUGH,
                      () -> sent("d") == 1 && job.latest().quota().waiting() == 2,
                      () -> sent.toString());
                  throw new IllegalStateException("scripted");
                }
                return driver.ask(message);
              };
      End end = end(job.work(endpoint(), breaksWhenTwoWait));

      assertThat(BrokenCallbacksTest.causes(end.cause())).contains("scripted");
      assertThat(job.latest().room().rows()).as("one under way and two that wait").isEqualTo(3);
      held.complete(status(200, GOOD).to("d").get());
      assertThat(job.latest().room().rows()).as("those that wait").isEqualTo(2);
      assertNothingIsHeld(job.latest());
      assertThat(sent).containsOnlyKeys("a", "b", "c", "d");

      assertThat(end(job.work(endpoint(), UnaryOperator.identity())).cause()).isNull();
      assertThat(job.published()).isEqualTo(lines.size());
      assertNothingIsHeld(job.latest());
      assertThat(job.latest().room().rows()).isZero();
    }
  }

  private static UnaryOperator<DriverPort> failing(
      WorkerRequest.Kind kind, Throwable thrown, Side side, AtomicBoolean armed) {
    return driver ->
        message -> {
          if (WorkerMessage.decode(message).request().kind() != kind
              || !armed.compareAndSet(true, false)) {
            return driver.ask(message);
          }
          if (side == Side.CALL) {
            if (thrown instanceof Error error) {
              throw error;
            }
            throw (RuntimeException) thrown;
          }
          return side == Side.DRIVER
              ? CompletableFuture.failedFuture(thrown)
              : driver.ask(message).thenCompose(unused -> CompletableFuture.failedFuture(thrown));
        };
  }

  /** Its process has another worker, so that the driver goes on hearing of it. */
  @Test
  void aWorkerWhoseReleaseIsLostKeepsItsSplitsFromNobody() throws Exception {
    List<String> lines = Stream.of("a", "b", "c", "d", "e", "f").map(WorkedJob::line).toList();
    AtomicBoolean unreadable = new AtomicBoolean(true);
    AtomicBoolean armed = new AtomicBoolean(true);
    UnaryOperator<DriverPort> lossy =
        failing(
            WorkerRequest.Kind.RELEASE, new IllegalStateException("scripted"), Side.CALL, armed);
    CompletableFuture<Reply> held = new CompletableFuture<>();
    answers("f", name -> held);
    files.before(
        operation -> {
          if (operation.equals("open /in/a.jsonl")
              && Thread.currentThread().getName().equals("worker")
              && unreadable.compareAndSet(true, false)) {
            throw new IllegalStateException("unreadable");
          }
        });
    try (WorkedJob job = new WorkedJob(files, lines, 3, SHORT_FENCE, Map.of("concurrency", "4"))) {
      unreadable.set(true);
      CompletableFuture<End> one = job.work(endpoint(), lossy);
      CompletableFuture<End> other = job.work(endpoint(), lossy);
      held.complete(status(200, GOOD).to("f").get());
      boolean failed = end(one).cause() != null;
      failed |= end(other).cause() != null;
      assertThat(failed).isTrue();
      assertThat(armed).as("whether a release was lost").isFalse();

      job.time.skip(SHORT_FENCE.multipliedBy(2));
      assertThat(end(job.work(endpoint(), UnaryOperator.identity())).cause()).isNull();
      assertThat(job.published()).isEqualTo(lines.size());
      sent.forEach((name, times) -> assertThat(times).as(name).hasValue(1));
    }
  }
}
