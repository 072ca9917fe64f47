package io.batchinfer.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelStackTest {
  private static final int MAX_ATTEMPTS = 5;
  private static final OutboundRequest REQUEST =
      new OutboundRequest(
          "/v1/chat/completions", new OutboundRequest.Json(new byte[] {'{', '}'}), Map.of(), 10);

  private final VirtualTime time = new VirtualTime();
  private final ArrayDeque<Supplier<CompletionStage<Reply>>> script = new ArrayDeque<>();
  private final List<Duration> sentAt = new ArrayList<>();
  private final List<Throwable> unexpected = new ArrayList<>();
  private @Nullable Throwable readerFails;
  private final RetryingChannel channel =
      ChannelStack.assemble(
          List.of(this::transport),
          replicas -> replicas.get(0)::attempt,
          new RetryRule(MAX_ATTEMPTS, 1),
          (request, reply) -> new AnswerReader.Reading(reply, facts(reply.body())),
          time,
          time,
          time.clock(),
          unexpected::add);

  /** Plays the script; its last entry repeats. */
  private CompletionStage<Reply> transport(OutboundRequest request) {
    assertThat(request).isSameAs(REQUEST);
    sentAt.add(Duration.ofNanos(time.nanos()));
    return (script.size() > 1 ? script.remove() : script.element()).get();
  }

  private ReplyFacts facts(byte[] body) {
    if (readerFails instanceof Error error) {
      throw error;
    }
    if (readerFails instanceof RuntimeException exception) {
      throw exception;
    }
    return body.length > 0 && body[0] == '{'
        ? new ReplyFacts(true, new Usage(3, 4), "", "")
        : ReplyFacts.NOT_JSON;
  }

  private static Supplier<CompletionStage<Reply>> status(int status) {
    return reply(status, "{}", Map.of());
  }

  private static Supplier<CompletionStage<Reply>> reply(
      int status, String body, Map<String, String> headers) {
    return () ->
        CompletableFuture.completedFuture(
            new Reply(status, headers::get, body.getBytes(StandardCharsets.UTF_8)));
  }

  private static Supplier<CompletionStage<Reply>> failure(Kind kind) {
    return () -> CompletableFuture.failedFuture(new TransportException(kind, "scripted", null));
  }

  private CompletableFuture<Settlement> send() {
    return channel.send(REQUEST).toCompletableFuture();
  }

  private Settlement settle() {
    CompletableFuture<Settlement> settled = send();
    time.advance(Duration.ofMinutes(10));
    assertThat(settled).isCompleted();
    assertThat(time.pendingTasks()).isZero();
    return settled.join();
  }

  private List<Duration> waits() {
    List<Duration> waits = new ArrayList<>();
    for (int i = 1; i < sentAt.size(); i++) {
      waits.add(sentAt.get(i).minus(sentAt.get(i - 1)));
    }
    return waits;
  }

  @Test
  void anAnswerSettlesAtOnce() {
    script.add(status(200));

    CompletableFuture<Settlement> settled = send();

    assertThat(settled).isCompleted();
    Settlement settlement = settled.join();
    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
    assertThat(settlement.last().facts()).isNotNull();
    assertThat(settlement.attempts()).isEqualTo(1);
    assertThat(settlement.mayHaveRun()).isZero();
    assertThat(time.pendingTasks()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 401, 402, 403, 404, 413, 422, 501})
  void aRefusalSettlesAtOnce(int status) {
    script.add(status(status));

    CompletableFuture<Settlement> settled = send();

    assertThat(settled).isCompleted();
    assertThat(settled.join().attempts()).isEqualTo(1);
    assertThat(settled.join().mayHaveRun()).isZero();
    assertThat(sentAt).hasSize(1);
  }

  @Test
  void serverErrorsAreRepeatedWithGrowingWaitsUntilTheAttemptsAreUsedUp() {
    script.add(status(500));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.SERVER_ERROR);
    assertThat(settlement.attempts()).isEqualTo(MAX_ATTEMPTS);
    assertThat(settlement.mayHaveRun()).isZero();
    List<Duration> waits = waits();
    assertThat(waits).hasSize(MAX_ATTEMPTS - 1);
    for (int i = 0; i < waits.size(); i++) {
      long middle = 500L << i;
      assertThat(waits.get(i).toMillis()).isBetween(middle / 2, middle * 3 / 2);
    }
  }

  @Test
  void anAnswerAfterServerErrorsSettles() {
    script.add(status(500));
    script.add(status(503));
    script.add(status(200));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
    assertThat(settlement.attempts()).isEqualTo(3);
  }

  @Test
  void throttledRequestsWaitAsToldAndKeepTheirAttempts() {
    int throttled = 3 * MAX_ATTEMPTS;
    for (int i = 0; i < throttled; i++) {
      script.add(reply(429, "{}", Map.of("retry-after", "7")));
    }
    script.add(status(500));

    Settlement settlement = settle();

    assertThat(waits().subList(0, throttled)).containsOnly(Duration.ofSeconds(7));
    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.SERVER_ERROR);
    assertThat(settlement.attempts()).isEqualTo(throttled + MAX_ATTEMPTS);
  }

  @Test
  void requestsThatWereNotSentKeepTheirAttemptsAndAreNotCounted() {
    for (int i = 0; i < 2 * MAX_ATTEMPTS; i++) {
      script.add(failure(Kind.FENCED));
    }
    script.add(status(200));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
    assertThat(settlement.attempts()).isEqualTo(1);
    assertThat(settlement.mayHaveRun()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"TIMED_OUT", "CONNECTION_LOST", "MALFORMED_RESPONSE"})
  void attemptsThatMayHaveRunAreRepeatedOnce(Kind kind) {
    script.add(failure(kind));

    Settlement settlement = settle();

    assertThat(settlement.last().failure()).hasMessage("scripted");
    assertThat(settlement.attempts()).isEqualTo(2);
    assertThat(settlement.mayHaveRun()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 499, 504, 520, 524, 598, 599})
  void whatWasGivenUpOnTheWayIsRepeatedOnce(int status) {
    script.add(status(status));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.GATEWAY_TIMEOUT);
    assertThat(settlement.attempts()).isEqualTo(2);
    assertThat(settlement.mayHaveRun()).isEqualTo(2);
  }

  @Test
  void successWithoutJsonIsPaidForAndNotSentAgain() {
    script.add(reply(200, "<html>", Map.of()));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.NOT_JSON);
    assertThat(settlement.attempts()).isEqualTo(1);
    assertThat(settlement.mayHaveRun()).isZero();
  }

  @Test
  void whatOnlyTheEndOfTheConnectionEndedMayHaveBeenCutOff() {
    script.add(
        () ->
            CompletableFuture.completedFuture(
                new Reply(200, ReplyHeaders.NONE, new byte[] {'<'}, Reply.Form.UNTIL_CLOSE)));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.UNUSABLE);
    assertThat(settlement.attempts()).isEqualTo(2);
    assertThat(settlement.mayHaveRun()).isEqualTo(2);
  }

  @Test
  void differentAmbiguousFailuresShareOneRepeat() {
    script.add(failure(Kind.TIMED_OUT));
    script.add(status(500));
    script.add(status(504));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.GATEWAY_TIMEOUT);
    assertThat(settlement.attempts()).isEqualTo(3);
    assertThat(settlement.mayHaveRun()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {521, 522, 523, 525, 526})
  void whatAGatewayCouldNotForwardDidNotRun(int status) {
    script.add(status(status));

    Settlement settlement = settle();

    assertThat(settlement.attempts()).isEqualTo(MAX_ATTEMPTS);
    assertThat(settlement.mayHaveRun()).isZero();
  }

  @Test
  void anAnswerTooLargeSettlesAndMayHaveRun() {
    script.add(failure(Kind.RESPONSE_TOO_LARGE));

    Settlement settlement = settle();

    assertThat(settlement.attempts()).isEqualTo(1);
    assertThat(settlement.mayHaveRun()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"UNKNOWN_HOST", "CONNECT_FAILED", "TLS_FAILED"})
  void anUnreachableEndpointCostsNoAttempts(Kind kind) {
    for (int i = 0; i < 2 * MAX_ATTEMPTS; i++) {
      script.add(failure(kind));
    }
    script.add(status(200));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
    assertThat(sentAt).hasSize(2 * MAX_ATTEMPTS + 1);
    assertThat(settlement.attempts()).isEqualTo(1);
    assertThat(settlement.mayHaveRun()).isZero();
  }

  @Test
  void aTransportThatThrowsSettlesAsALostConnection() {
    script.add(
        () -> {
          throw new IllegalStateException("broken");
        });

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isEqualTo(StatusMeaning.CONNECTION_LOST);
    assertThat(settlement.last().failure()).hasRootCauseMessage("broken");
    assertThat(settlement.attempts()).isEqualTo(2);
    assertThat(settlement.mayHaveRun()).isEqualTo(2);
  }

  static Stream<Throwable> thrown() {
    return Stream.of(
        new OutOfMemoryError("scripted"),
        new StackOverflowError(),
        new NoSuchMethodError("scripted"),
        new IllegalStateException("scripted"));
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void whateverATransportThrowsSettlesTheRequestAndIsHeard(Throwable failure) {
    script.add(
        () -> {
          if (failure instanceof Error error) {
            throw error;
          }
          throw (RuntimeException) failure;
        });

    Settlement settlement = settle();

    assertThat(settlement.last().failure()).hasMessageContaining(failure.toString());
    assertThat(settlement.last().failure()).hasCause(failure);
    assertThat(unexpected).containsOnly(failure);
    assertThat(sentAt).hasSize(2);
  }

  @ParameterizedTest
  @MethodSource("thrown")
  void whateverAReaderThrowsSettlesTheRequestAndIsHeard(Throwable failure) {
    readerFails = failure;
    script.add(status(200));

    Settlement settlement = settle();

    assertThat(settlement.last().meaning()).isNotEqualTo(StatusMeaning.ANSWERED);
    assertThat(unexpected).isNotEmpty().allMatch(heard -> causeOf(heard) == failure);
  }

  private static Throwable causeOf(Throwable heard) {
    return Objects.requireNonNull(Attempt.causeOf(heard));
  }

  @Test
  void aTransportWithoutAStageOrWithoutAReplySettlesTheRequest() {
    script.add(() -> null);
    script.add(() -> CompletableFuture.completedFuture(null));

    assertThat(settle().last().meaning()).isEqualTo(StatusMeaning.CONNECTION_LOST);
    assertThat(unexpected).hasSize(2);
  }
}
