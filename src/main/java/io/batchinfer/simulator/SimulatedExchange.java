package io.batchinfer.simulator;

import io.batchinfer.model.Hash128;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** One request from its last byte to its answer. Lives on the event loop of its connection. */
final class SimulatedExchange {
  private static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);
  private static final String BEARER = "Bearer ";

  private final SimulatorState state;
  private final SimulatorSettings settings;
  private final HttpServerRequest request;
  private final Context context;
  private final long number;
  private final long connection;
  private final long arrivedNanos;
  private final long arrivedMillis;
  private final Runnable start = this::startLater;

  private byte[] body = {};
  private Hash128 bodyHash = Hash128.ZERO;
  private int attempt;
  private long requestHash;
  private Markers markers = Markers.find(body);
  private Optional<Fault> fault = Optional.empty();
  private Optional<AnswerFacts> facts = Optional.empty();
  private PromptCache.@Nullable Work prompt;
  private boolean holdsSlot;
  private boolean limited;
  private boolean ended;

  SimulatedExchange(
      SimulatorState state, HttpServerRequest request, Context context, long connection) {
    this.state = state;
    this.settings = state.settings();
    this.request = request;
    this.context = context;
    this.connection = connection;
    number = state.requestNumbers.incrementAndGet();
    arrivedNanos = state.nanos();
    arrivedMillis = state.millis();
    state.counters.received(arrivedNanos);
    request.response().closeHandler(closed -> abandon());
    request.response().exceptionHandler(failure -> abandon());
  }

  HttpServerRequest request() {
    return request;
  }

  SimulatorSettings settings() {
    return settings;
  }

  Context context() {
    return context;
  }

  /** Refuses what could not even be read. */
  void refuseUnread(Refusal refusal) {
    refuse(refusal, Optional.empty());
  }

  /** Goes on with a complete body; {@code parsed} says what it holds once it is admitted. */
  void received(byte[] completeBody, FieldsSource parsed) {
    body = completeBody;
    bodyHash = RequestHash.of(request.path(), body);
    requestHash = bodyHash.high();
    BodyLedger.Attempt received = state.bodies.receive(bodyHash);
    attempt = received.number();
    if (received.answeredBefore()) {
      state.counters.repeatedAfterSuccess();
    }
    markers = Markers.find(body);
    Optional<EndpointShape> shape = EndpointShape.at(request.path());
    if (!isKeyAccepted(request, settings)) {
      refuse(Fault.HTTP_401.refusal(), Optional.empty());
    } else if (shape.isEmpty()) {
      refuse(
          Refusal.of(404, "invalid_request_error", "unknown_url", "There is no such endpoint."),
          Optional.empty());
    } else {
      admit(shape.get(), parsed);
    }
  }

  /** Reads the fields of a body, or says why it is refused. */
  @FunctionalInterface
  interface FieldsSource {
    RequestFields read(byte[] body) throws RequestReader.BadRequest;
  }

  private void admit(EndpointShape shape, FieldsSource source) {
    RequestFields fields;
    try {
      fields = source.read(body);
    } catch (RequestReader.BadRequest e) {
      refuse(e.refusal(), Optional.empty());
      return;
    }
    Optional<Refusal> refusal = shape.refuse(fields).or(() -> unknownModel(fields));
    if (refusal.isPresent()) {
      refuse(refusal.get(), Optional.empty());
      return;
    }
    AnswerFacts known = AnswerFacts.of(shape, fields, markers, requestHash, settings);
    facts = Optional.of(known);
    Optional<WindowLimiter.Exceeded> exceeded =
        settings.limits().isLimited()
            ? state.limiter.admit(settings.limits(), state.nanos(), known.tokensAtMost(shape))
            : Optional.empty();
    if (exceeded.isPresent()) {
      refuseByLimit(exceeded.get());
      return;
    }
    switch (state.slots.enter(start)) {
      case TAKEN -> start();
      case WAITING -> {}
      case REFUSED ->
          refuse(
              Fault.HTTP_503.refusal().withMessage("The queue of the simulated endpoint is full."),
              Optional.of(DEFAULT_RETRY_AFTER));
    }
  }

  private Optional<Refusal> unknownModel(RequestFields fields) {
    List<String> models = settings.models();
    if (models.isEmpty() || models.contains(fields.model.orElse(""))) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            404,
            "invalid_request_error",
            Optional.of("model_not_found"),
            Optional.of("model"),
            "The model does not exist or you do not have access to it."));
  }

  private void startLater() {
    context.runOnContext(
        now -> {
          if (ended) {
            state.slots.release();
          } else {
            start();
          }
        });
  }

  private void start() {
    holdsSlot = true;
    AnswerFacts known = facts.orElseThrow();
    fault = markers.fault(attempt).or(this::faultByRate);
    if (fault.isPresent()) {
      state.counters.faulty();
      if (fault.get() == Fault.HANG) {
        return;
      }
    }
    boolean brief = fault.map(f -> f.isRefusal() || f == Fault.RESET_BEFORE_ANSWER).orElse(false);
    if (brief) {
      after(markers.latency().orElse(settings.timeToFirstToken()), this::answer);
    } else {
      work(known);
    }
  }

  /** Computes what no cache has of the prompt, then the answer. */
  private void work(AnswerFacts known) {
    boolean keepsPrompts =
        settings.promptCache() != PromptCacheKind.NONE
            && EndpointShape.at(request.path()).map(EndpointShape::generates).orElse(false);
    int cached = known.cachedTokens();
    if (keepsPrompts) {
      PromptCache.Work begun = state.promptCache().begin(PromptBlocks.of(known.fields()));
      prompt = begun;
      cached = begun.cachedTokens();
      facts = Optional.of(known.withCached(cached));
    }
    Duration computing =
        settings
            .timeToFirstToken()
            .plus(settings.perPromptToken().multipliedBy(known.promptTokens() - cached));
    Duration answering = settings.perToken().multipliedBy(known.answerTokens());
    if (prompt == null) {
      after(markers.latency().orElse(computing.plus(answering)), this::answer);
    } else {
      Duration whole = markers.latency().orElse(computing.plus(answering));
      Duration first = computing.compareTo(whole) < 0 ? computing : whole;
      after(first, () -> computed(whole.minus(first)));
    }
  }

  private void computed(Duration left) {
    if (prompt != null) {
      prompt.computed();
    }
    after(left, this::answer);
  }

  private Optional<Fault> faultByRate() {
    if (settings.faults().isEmpty()) {
      return Optional.empty();
    }
    double chance = Mix.unit(Mix.mix(Mix.mix(requestHash, settings.seed()), 1_000 + attempt));
    double sum = 0;
    for (Fault candidate : Fault.values()) {
      sum += settings.faults().getOrDefault(candidate, 0.0);
      if (chance < sum) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Runs after the delay on this exchange's event loop, unless the client is gone by then. */
  void after(Duration delay, Runnable step) {
    long millis = (delay.toNanos() + 500_000) / 1_000_000;
    if (millis == 0) {
      step.run();
    } else {
      context
          .owner()
          .setTimer(
              millis,
              timer -> {
                if (!ended) {
                  step.run();
                }
              });
    }
  }

  private void answer() {
    AnswerFacts known = facts.orElseThrow();
    if (settings.limits().isLimited()) {
      state.limiter.complete(settings.limits(), state.nanos(), known.totalTokens());
    }
    if (fault.isPresent()) {
      Optional<Duration> retryAfter =
          markers
              .retryAfter()
              .or(
                  () ->
                      fault.get() == Fault.HTTP_429
                          ? Optional.of(DEFAULT_RETRY_AFTER)
                          : Optional.empty());
      new FaultyAnswer(this, fault.get(), retryAfter).send(known);
    } else {
      byte[] json = answerJson(known);
      state.bodies.answered(bodyHash);
      state.counters.ok(known);
      writeHead(200, Answer.JSON);
      ended(Optional.of(200));
      request.response().end(Buffer.buffer(json));
    }
  }

  byte[] answerJson(AnswerFacts known) {
    EndpointShape shape = EndpointShape.at(request.path()).orElseThrow();
    return JsonBytes.of(json -> shape.write(json, known));
  }

  private void refuseByLimit(WindowLimiter.Exceeded exceeded) {
    limited = true;
    state.counters.limited();
    WindowLimiter.Standing standing = state.limiter.standing(settings.limits(), state.nanos());
    Refusal refusal =
        switch (settings.style()) {
          case OPENAI ->
              Refusal.of(
                  429,
                  exceeded == WindowLimiter.Exceeded.REQUESTS ? "requests" : "tokens",
                  "rate_limit_exceeded",
                  "Rate limit reached at the simulated endpoint.");
          case MISTRAL -> Refusal.of(429, "rate_limited", "1300", "Rate limit exceeded");
        };
    refuse(refusal, Optional.of(Duration.ofNanos(standing.nanosToReset())));
  }

  void refuse(Refusal refusal, Optional<Duration> retryAfter) {
    if (ended) {
      return;
    }
    Answer answer = Answer.of(refusal, settings.style());
    writeHead(answer.status(), answer.contentType());
    retryAfter.ifPresent(
        wait ->
            RateLimitHeaders.writeRetryAfter(
                request.response().headers(), settings.retryAfterForm(), wait, state.millis()));
    ended(Optional.of(answer.status()));
    request.response().end(Buffer.buffer(answer.body()));
  }

  void writeHead(int status, String contentType) {
    MultiMap headers = request.response().setStatusCode(status).headers();
    headers.set(HttpHeaders.CONTENT_TYPE, contentType);
    StandardHeaders.write(headers);
    headers.set("x-request-id", "req_" + "%016x".formatted(Mix.mix(requestHash, settings.seed())));
    if (settings.limits().isLimited()) {
      RateLimitHeaders.writeStanding(
          headers,
          settings.style(),
          state.limiter.standing(settings.limits(), state.nanos()),
          facts.map(AnswerFacts::totalTokens).orElse(0));
    }
  }

  static boolean isKeyAccepted(HttpServerRequest request, SimulatorSettings settings) {
    if (settings.requiredApiKey().isEmpty()) {
      return true;
    }
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    return header != null
        && MessageDigest.isEqual(
            header.getBytes(StandardCharsets.UTF_8),
            (BEARER + settings.requiredApiKey().get()).getBytes(StandardCharsets.UTF_8));
  }

  private void abandon() {
    if (ended) {
      return;
    }
    state.counters.abandoned();
    finish(Optional.empty());
  }

  /**
   * Counts the answer, just before its last byte is written: whoever has the answer finds it
   * counted.
   */
  void ended(Optional<Integer> status) {
    if (ended) {
      return;
    }
    state.counters.answered(state.nanos());
    finish(status);
  }

  boolean isEnded() {
    return ended;
  }

  private void finish(Optional<Integer> status) {
    ended = true;
    if (prompt != null) {
      prompt.ended();
    }
    if (holdsSlot) {
      state.slots.release();
    } else {
      state.slots.stopWaiting(start);
    }
    state.log.ifPresent(log -> log.append(entry(status)));
  }

  private RequestLog.Entry entry(Optional<Integer> status) {
    Matcher custom = settings.customId().matcher(new String(body, StandardCharsets.ISO_8859_1));
    return new RequestLog.Entry(
        number,
        request.path(),
        custom.find() ? Optional.of(custom.group()) : Optional.empty(),
        attempt,
        connection,
        request.remoteAddress().hostAddress(),
        request.remoteAddress().port(),
        request.headers().contains(HttpHeaders.AUTHORIZATION),
        arrivedNanos,
        arrivedMillis,
        state.nanos(),
        state.millis(),
        status,
        fault,
        limited,
        body.length,
        facts.map(AnswerFacts::totalTokens).orElse(0));
  }
}
