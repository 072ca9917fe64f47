package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.Reply;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.WorkerRequest.Kind;
import io.batchinfer.model.BatchException;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.SteppedTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a process begins, drains, breaks and ends; its time goes as the test says. */
class WorkerRuntimeTest {
  private static final Duration STEP = Duration.ofMillis(10);
  private static final Duration FENCE = OwnershipTiming.DEFAULT.fence();

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<WorkerRequest> told = new CopyOnWriteArrayList<>();

  /** Requests that the endpoint has not answered. */
  private final Queue<CompletableFuture<Reply>> open = new ConcurrentLinkedQueue<>();

  private final List<SteppedTime> times = new CopyOnWriteArrayList<>();
  private final WorkedJob job = job(Map.of("concurrency", "1"));

  private WorkedJob job(Map<String, String> options) {
    List<String> lines = Stream.of("a", "b", "c").map(WorkedJob::line).toList();
    return new WorkedJob(files, lines, 3, FENCE, options);
  }

  @AfterEach
  void close() {
    job.close();
  }

  private SteppedTime time() {
    return times.get(times.size() - 1);
  }

  private WorkerRuntime acquire(WorkedJob of) throws InterruptedException {
    DriverPort driver =
        message -> {
          WorkerRequest request = WorkerMessage.decode(message).request();
          told.add(request);
          if (request.kind() == Kind.LEAVE) {
            events.add("leave");
          }
          return of.driver().ask(message);
        };
    return WorkerRuntime.acquire(
        of.setting(driver),
        WorkedJob.means(
            (options, secrets, time, maySend, closer) -> {
              closer.add(() -> events.add("transport"));
              return List.of(
                  request -> {
                    CompletableFuture<Reply> answer = new CompletableFuture<>();
                    open.add(answer);
                    return answer;
                  });
            },
            whenTaskFails -> {
              times.add(new SteppedTime(whenTaskFails));
              return time();
            }));
  }

  private long told(Kind kind) {
    return told.stream().filter(request -> request.kind() == kind).count();
  }

  /** Lets another user of the runtime work, on a thread of its own; what it ends with, or null. */
  private CompletableFuture<@Nullable Throwable> work(WorkerRuntime runtime) {
    CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                runtime.newWorker().run();
                end.complete(null);
              } catch (Throwable thrown) {
                end.complete(thrown);
              }
            },
            "worker");
    thread.setDaemon(true);
    thread.start();
    return end;
  }

  /** Lets time pass until something has come true. */
  private void step(String what, BooleanSupplier condition) {
    Eventually.await(
        what,
        LONG_ENOUGH,
        () -> {
          time().advance(STEP);
          return condition.getAsBoolean();
        },
        () -> told.size() + " messages, " + open.size() + " requests, " + events);
  }

  private @Nullable Throwable end(CompletableFuture<@Nullable Throwable> worker) throws Exception {
    step("the worker's end", worker::isDone);
    return worker.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
  }

  private void answer() {
    byte[] body =
        "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}".getBytes(StandardCharsets.UTF_8);
    open.remove().complete(new Reply(200, header -> null, body));
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(time().nanos() - nanos);
  }

  @Test
  void workersShareWhatTheLastOneCloses() throws Exception {
    files.before(
        operation -> {
          if (operation.startsWith("close ") && operation.endsWith(".segment")) {
            events.add("segment");
          }
        });
    WorkerRuntime first = acquire(job);
    WorkerRuntime second = acquire(job);
    assertThat(second).isSameAs(first);
    assertThat(told(Kind.HELLO)).isOne();
    assertThat(times).hasSize(1);
    CompletableFuture<@Nullable Throwable> worker = work(first);
    for (int row = 0; row < 3; row++) {
      step("a request", () -> !open.isEmpty());
      answer();
    }
    assertThat(end(worker)).isNull();

    first.release();
    assertThat(events).isEmpty();
    assertThat(time().isClosed()).isFalse();
    second.release();

    assertThat(events).as("no answer is lost").containsExactly("transport", "leave", "segment");
    assertThat(time().isClosed()).isTrue();
    assertThat(files.openFiles()).isZero();
    assertThatThrownBy(second::release).isInstanceOf(IllegalStateException.class);
    WorkerRuntime next = acquire(job);
    assertThat(next).isNotSameAs(first);
    next.release();
  }

  @Test
  void whatWasBegunWithoutAPlanIsClosed() {
    files.delete(job.folder.plan());

    assertThatThrownBy(() -> acquire(job))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining(job.folder.plan());

    assertThat(events).containsExactly("leave");
    assertThat(time().isClosed()).isTrue();
  }

  @Test
  void aDrainWaitsForWhatIsUnderWayAndLetsNothingNewOut() throws Exception {
    WorkerRuntime runtime = acquire(job);
    CompletableFuture<@Nullable Throwable> worker = work(runtime);
    step(
        "a request, and those that wait", () -> open.size() == 1 && runtime.quota().waiting() == 2);
    time().schedule(this::answer, Duration.ofSeconds(3));
    long began = time().nanos();

    runtime.drain();

    assertThat(since(began)).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
    assertThat(runtime.room().unflushedBytes()).isZero();
    assertThat(open).as("what went out meanwhile").isEmpty();
    job.stop();
    assertThat(end(worker)).isNull();
    runtime.release();
    assertThat(told(Kind.RELEASE)).isOne();

    // What was drained is kept: another driver's process sends the other two.
    try (WorkedJob again = job(Map.of("concurrency", "1"))) {
      WorkerRuntime next = acquire(again);
      CompletableFuture<@Nullable Throwable> other = work(next);
      for (int row = 0; row < 2; row++) {
        step("a request", () -> !open.isEmpty());
        answer();
      }
      assertThat(end(other)).isNull();
      next.release();
      assertThat(open).isEmpty();
      assertThat(again.published()).isEqualTo(3);
    }
  }

  @Test
  void aDrainWaitsNoLongerThanTheFence() throws Exception {
    WorkerRuntime runtime = acquire(job);
    CompletableFuture<@Nullable Throwable> worker = work(runtime);
    step("a request", () -> open.size() == 1);
    long began = time().nanos();

    runtime.drain();

    assertThat(since(began)).isBetween(FENCE, FENCE.plusSeconds(1));
    open.remove().cancel(false);
    job.stop();
    assertThat(end(worker)).isNull();
    runtime.release();
  }

  @Test
  void theFirstFailureEndsAllWorkersAndIsNotWaitedWith() throws Exception {
    WorkerRuntime runtime = acquire(job);
    WorkerRuntime second = acquire(job);
    CompletableFuture<@Nullable Throwable> worker = work(runtime);
    CompletableFuture<@Nullable Throwable> idle = work(second);
    step("a request", () -> open.size() == 1);
    List<Throwable> thrown =
        List.of(new OutOfMemoryError("scripted first"), new IllegalStateException("second"));
    for (Throwable each : thrown) {
      time()
          .schedule(
              () -> {
                if (each instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) each;
              },
              Duration.ZERO);
    }
    time().advance(Duration.ZERO);
    long began = time().nanos();

    assertThat(worker.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isSameAs(thrown.get(0));
    assertThat(idle.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isSameAs(thrown.get(0));
    runtime.release();
    second.release();

    assertThat(since(began)).isZero();
    assertThat(told(Kind.RELEASE)).as("splits are given back all the same").isEqualTo(2);
    assertThat(open).as("what went out").hasSize(1);
    assertThat(events).contains("transport", "leave");
  }

  @Test
  void rowsThatStandAreToldToTheUserOnce() throws Exception {
    try (WorkedJob short_ =
        job(
            Map.of(
                "concurrency", "1",
                "request-timeout", "1s",
                "max-attempts", "2",
                "max-cool-down", "8s"))) {
      WorkerRuntime runtime = acquire(short_);
      CompletableFuture<@Nullable Throwable> worker = work(runtime);
      step("a request", () -> open.size() == 1);

      time().advance(Duration.ofSeconds(9));
      assertThat(told(Kind.NOTICE)).isZero();
      time().advance(Duration.ofSeconds(60));

      List<String> notices = new ArrayList<>();
      for (WorkerRequest request : told) {
        if (request instanceof WorkerRequest.Notice notice) {
          notices.add(notice.words());
        }
      }
      assertThat(notices).singleElement().asString().startsWith("Split 0,");
      runtime.drain();
      open.remove().cancel(false);
      short_.stop();
      assertThat(end(worker)).isNull();
      runtime.release();
    }
  }
}
