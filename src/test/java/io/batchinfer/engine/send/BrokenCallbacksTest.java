package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest.Kind;
import io.batchinfer.engine.send.WorkedJob.End;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is thrown wherever on a row's trip: the run goes on, or ends with the cause. */
class BrokenCallbacksTest {
  private static final int ROWS = 60;
  private static final int ROWS_PER_SPLIT = 20;

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final AtomicInteger sent = new AtomicInteger();

  /** Where something is thrown, once. */
  enum Place {
    SEND,
    REPLY_STAGE,
    NO_STAGE,
    NO_REPLY,
    NO_BODY,
    RETRY_AFTER_HEADER,
    REQUEST_ID_HEADER,
    LIMIT_HEADERS,
    ASK_QUOTA,
    QUOTA_ANSWER,
    UNREADABLE_QUOTA_ANSWER,
    CLAIM,
    COMMIT,
    COMMITTED,
    OPEN_INPUT,
    CREATE_SEGMENT,
    WRITE_SEGMENT,
    SYNC_SEGMENT,
    CREATE_PART,
    PUBLISH_PART,
    CLOSE_SEGMENT
  }

  static Stream<Arguments> troubles() {
    return Stream.of(Place.values())
        .flatMap(
            place ->
                Stream.of(
                        new OutOfMemoryError("scripted"),
                        new StackOverflowError("scripted"),
                        new NoClassDefFoundError("scripted"),
                        new IllegalStateException("scripted"))
                    .map(thrown -> Arguments.of(place, thrown)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("troubles")
  void theRunEndsWithTheCauseOrGoesOn(Place place, Throwable thrown) throws Exception {
    AtomicBoolean armed = new AtomicBoolean(true);
    try (WorkedJob job = new WorkedJob(files, ROWS, ROWS_PER_SPLIT, Map.of("concurrency", "8"))) {
      assertThat(job.splits()).hasSizeGreaterThan(1);
      files.before(operation -> disturbFiles(place, thrown, armed, operation));
      End end =
          job.work(endpoint(place, thrown, armed), disturbance(place, thrown, armed))
              .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
      assertThat(armed).as("whether it was thrown").isFalse();
      if (end.cause() == null) {
        assertThat(job.published()).isEqualTo(ROWS);
      } else {
        assertThat(causes(end.cause())).as("why it ended").contains(cause(place));
        sent.set(0);
        // Another process goes on with what is open, and sends nothing that was saved.
        End again =
            job.work(endpoint(place, thrown, armed), UnaryOperator.identity())
                .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
        assertThat(again.cause()).isNull();
        assertThat(job.published()).isEqualTo(ROWS);
      }
    }
  }

  private static String cause(Place place) {
    return place == Place.UNREADABLE_QUOTA_ANSWER ? "the driver's answer" : "scripted";
  }

  static String causes(@Nullable Throwable thrown) {
    StringBuilder all = new StringBuilder();
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      all.append(cause).append('\n');
    }
    return all.toString();
  }

  private static void raise(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  private static void disturbFiles(
      Place place, Throwable thrown, AtomicBoolean armed, String operation) {
    boolean there =
        switch (place) {
          case OPEN_INPUT -> operation.startsWith("open /in/");
          case CREATE_SEGMENT -> operation.startsWith("create ") && operation.endsWith(".segment");
          case WRITE_SEGMENT -> operation.startsWith("write ") && operation.endsWith(".segment");
          case SYNC_SEGMENT -> operation.startsWith("sync ") && operation.endsWith(".segment");
          case CLOSE_SEGMENT -> operation.startsWith("close ") && operation.endsWith(".segment");
          case CREATE_PART -> operation.startsWith("create ") && operation.endsWith(".results");
          case PUBLISH_PART -> operation.startsWith("publish ");
          default -> false;
        };
    if (there && armed.compareAndSet(true, false)) {
      raise(thrown);
    }
  }

  private UnaryOperator<DriverPort> disturbance(
      Place place, Throwable thrown, AtomicBoolean armed) {
    return driver ->
        message -> {
          Kind kind = WorkerMessage.decode(message).request().kind();
          boolean there =
              switch (place) {
                case ASK_QUOTA, QUOTA_ANSWER, UNREADABLE_QUOTA_ANSWER -> kind == Kind.QUOTA;
                case CLAIM -> kind == Kind.CLAIM;
                case COMMIT -> kind == Kind.COMMIT;
                case COMMITTED -> kind == Kind.COMMITTED;
                default -> false;
              };
          if (!there || !armed.compareAndSet(true, false)) {
            return driver.ask(message);
          }
          if (place == Place.QUOTA_ANSWER) {
            return CompletableFuture.failedFuture(thrown);
          }
          if (place == Place.UNREADABLE_QUOTA_ANSWER) {
            return CompletableFuture.completedFuture(
                "scripted".getBytes(StandardCharsets.US_ASCII));
          }
          raise(thrown);
          return driver.ask(message);
        };
  }

  @NullUnmarked // gives null where a transport must not
  private InferenceChannel endpoint(Place place, Throwable thrown, AtomicBoolean armed) {
    return request -> {
      int number = sent.incrementAndGet();
      boolean now = number == 10;
      ReplyHeaders headers =
          name -> {
            boolean there =
                switch (place) {
                  case REQUEST_ID_HEADER -> name.equals("x-request-id");
                  case LIMIT_HEADERS -> name.startsWith("x-ratelimit");
                  case RETRY_AFTER_HEADER -> name.equals("retry-after");
                  default -> false;
                };
            if (there && now && armed.compareAndSet(true, false)) {
              raise(thrown);
            }
            return null;
          };
      byte[] body =
          "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1},\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}"
              .getBytes(StandardCharsets.UTF_8);
      if (now && place.ordinal() <= Place.NO_BODY.ordinal() && armed.compareAndSet(true, false)) {
        return switch (place) {
          case REPLY_STAGE -> CompletableFuture.failedFuture(thrown);
          case NO_STAGE -> null;
          case NO_REPLY -> CompletableFuture.completedFuture(null);
          case NO_BODY -> CompletableFuture.completedFuture(new Reply(200, headers, null));
          default -> {
            raise(thrown);
            yield null;
          }
        };
      }
      int status = place == Place.RETRY_AFTER_HEADER && now ? 503 : 200;
      return CompletableFuture.supplyAsync(() -> new Reply(status, headers, body));
    };
  }
}
