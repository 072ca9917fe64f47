package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.Reply;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest.Kind;
import io.batchinfer.engine.send.WorkedJob.End;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.testing.FaultyTime;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Something is thrown in the middle of the books that driver and worker keep, wherever they look at
 * the time, in place of any task of their timers, and in any message: the run goes on, or ends with
 * the cause, and another one brings it to its end.
 */
class BrokenBooksTest {
  private static final int ROWS = 40;
  private static final int ROWS_PER_SPLIT = 10;
  private static final Duration LOOK = Duration.ofMillis(5);
  private static final List<Supplier<Throwable>> KINDS =
      List.of(
          () -> new OutOfMemoryError("scripted"),
          () -> new StackOverflowError("scripted"),
          () -> new IllegalStateException("scripted"));

  /** Numbers of calls at which something is thrown: all of the first, and some of the later. */
  private static final int[] AT = {
    1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 29, 35, 42, 50, 60, 72, 86, 103, 124, 149, 200,
    270, 360, 480, 640, 850, 1130, 1500
  };

  /** Among the first timers of a run that takes half a second. */
  private static final int MOST_TASKS = 35;

  private static final int AT_ONCE = 16;

  /** Where it is thrown. */
  enum Place {
    DRIVER_TICKER,
    DRIVER_TIMER,
    WORKER_TICKER,
    WORKER_TIMER,
    /** Messages that reach the driver and whose answers do not come back. */
    ANSWER
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void theRunEndsWithTheCauseOrGoesOn(Place place) throws Exception {
    List<Case> cases = cases(place);
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    Map<Case, Future<Duration>> ends = new LinkedHashMap<>();
    cases.forEach(one -> ends.put(one, threads.submit(one)));
    threads.shutdown();
    SoftAssertions all = new SoftAssertions();
    Duration longest = Duration.ZERO;
    for (Map.Entry<Case, Future<Duration>> end : ends.entrySet()) {
      try {
        Duration took = end.getValue().get();
        longest = took.compareTo(longest) > 0 ? took : longest;
      } catch (ExecutionException e) {
        all.fail(end.getKey().toString(), e.getCause());
      }
    }
    long thrown = cases.stream().filter(one -> one.countdown.get() <= 0).count();
    tell("%s: thrown %d times, longest %d ms".formatted(place, thrown, longest.toMillis()));
    all.assertAll();
    assertThat(thrown).isGreaterThan(cases.size() / 4);
  }

  private static List<Case> cases(Place place) {
    boolean ofTimers = place == Place.DRIVER_TIMER || place == Place.WORKER_TIMER;
    List<Case> all = new ArrayList<>();
    for (int at : AT) {
      for (Supplier<Throwable> kind : KINDS) {
        if (!ofTimers || at <= MOST_TASKS) {
          all.add(new Case(place, at, kind.get()));
        }
      }
    }
    return all;
  }

  @SuppressWarnings("SystemOut") // the figures belong into the build's log
  private static void tell(String line) {
    System.out.println(line);
  }

  /** One failure at one place. */
  private static final class Case implements Callable<Duration> {
    private final InMemoryFiles files = InMemoryFiles.filesystem();
    private final AtomicInteger countdown = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger sent = new AtomicInteger();
    private final Place place;
    private final int at;
    private final Throwable thrown;

    Case(Place place, int at, Throwable thrown) {
      this.place = place;
      this.at = at;
      this.thrown = thrown;
    }

    @Override
    public String toString() {
      return place + " " + at + " " + thrown;
    }

    /** How long the run took that met it. */
    @Override
    public Duration call() throws Exception {
      long began = System.nanoTime();
      End end;
      @Nullable Throwable driver;
      try (WorkedJob job = job()) {
        countdown.set(at);
        if (place == Place.DRIVER_TICKER) {
          job.time.disturb(this::count, () -> {});
        } else if (place == Place.DRIVER_TIMER) {
          job.time.disturb(() -> {}, this::count);
        }
        end =
            watched(
                job,
                job.work(
                    endpoint(),
                    direct -> answers(job.overTransport().apply(direct)),
                    this::workersTime));
        job.time.disturb(() -> {}, () -> {});
        driver = job.broken();
        if (end.cause() == null && driver == null) {
          assertThat(job.published()).isEqualTo(ROWS);
          return Duration.ofNanos(System.nanoTime() - began);
        }
      }
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertThat(countdown.get()).as("whether it was thrown").isLessThanOrEqualTo(0);
      assertThat(BrokenCallbacksTest.causes(end.cause()) + BrokenCallbacksTest.causes(driver))
          .as("why it ended")
          .contains("scripted");
      // Another driver goes on with what is open.
      try (WorkedJob job = job()) {
        End again =
            job.work(endpoint(), UnaryOperator.identity())
                .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
        assertThat(again.cause()).isNull();
        assertThat(job.published()).isEqualTo(ROWS);
      }
      return took;
    }

    private SystemTime workersTime(Consumer<Throwable> whenTaskFails) {
      FaultyTime time = new FaultyTime("worker-time", whenTaskFails);
      if (place == Place.WORKER_TICKER) {
        time.disturb(this::count, () -> {});
      } else if (place == Place.WORKER_TIMER) {
        time.disturb(() -> {}, this::count);
      }
      return time;
    }

    private WorkedJob job() {
      return new WorkedJob(
          files,
          ROWS,
          ROWS_PER_SPLIT,
          Map.of("concurrency", "4", "requests-per-minute", "12000", "flush-interval", "10ms"));
    }

    /** Waits for the worker's end as the driver of a run does that has broken. */
    private static End watched(WorkedJob job, CompletableFuture<End> worker) throws Exception {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG_ENOUGH.toSeconds());
      while (System.nanoTime() < until) {
        try {
          return worker.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException notYet) {
          if (job.broken() != null) {
            job.stop();
          }
        }
      }
      throw new AssertionError("it stands");
    }

    private void count() {
      if (countdown.decrementAndGet() == 0) {
        raise();
      }
    }

    private void raise() {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }

    private DriverPort answers(DriverPort driver) {
      if (place != Place.ANSWER) {
        return driver;
      }
      return message -> {
        boolean quota = WorkerMessage.decode(message).request().kind() == Kind.QUOTA;
        CompletableFuture<byte[]> answer = driver.ask(message).toCompletableFuture();
        if (!quota && countdown.decrementAndGet() == 0) {
          return answer.thenCompose(handled -> CompletableFuture.failedFuture(thrown));
        }
        return answer;
      };
    }

    private InferenceChannel endpoint() {
      byte[] body =
          "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1},\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}"
              .getBytes(StandardCharsets.UTF_8);
      return request ->
          CompletableFuture.supplyAsync(
              () -> new Reply(sent.incrementAndGet() % 7 == 6 ? 503 : 200, name -> null, body));
    }
  }
}
