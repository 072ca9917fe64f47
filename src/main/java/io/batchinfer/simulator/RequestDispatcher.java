package io.batchinfer.simulator;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads requests of one event loop and hands them to what answers them. */
final class RequestDispatcher implements Handler<HttpServerRequest> {
  private static final String MODELS = "/v1/models";

  private final SimulatorState state;
  private final Context context;
  private final Map<HttpConnection, Long> connections = new HashMap<>();

  RequestDispatcher(SimulatorState state, Context context) {
    this.state = state;
    this.context = context;
  }

  @Override
  public void handle(HttpServerRequest request) {
    String path = request.path();
    if (path.equals("/simulator/statistics")) {
      state.log.ifPresent(RequestLog::flush);
      send(request, Answer.ok(state.statistics().json()));
    } else if (path.equals("/simulator/reset") && request.method().equals(HttpMethod.POST)) {
      state.reset();
      send(request, Answer.ok(state.statistics().json()));
    } else if (request.method().equals(HttpMethod.POST)) {
      receive(request);
    } else if (path.equals("/health")) {
      send(request, Answer.ok(ModelList.health()));
    } else {
      answerGet(request, path);
    }
  }

  private void answerGet(HttpServerRequest request, String path) {
    SimulatorSettings settings = state.settings();
    if (!SimulatedExchange.isKeyAccepted(request, settings)) {
      send(request, Answer.of(Fault.HTTP_401.refusal(), settings.style()));
    } else if (path.equals(MODELS)) {
      send(request, Answer.ok(ModelList.of(settings)));
    } else if (EndpointShape.at(path).isPresent()) {
      request.response().putHeader(HttpHeaders.ALLOW, "POST");
      send(
          request,
          Answer.of(
              Refusal.of(
                  405, "invalid_request_error", "method_not_allowed", "Only POST is allowed here."),
              settings.style()));
    } else {
      send(request, Answer.of(Fault.HTTP_404.refusal(), settings.style()));
    }
  }

  private static void send(HttpServerRequest request, Answer answer) {
    MultiMap headers = request.response().setStatusCode(answer.status()).headers();
    headers.set(HttpHeaders.CONTENT_TYPE, answer.contentType());
    StandardHeaders.write(headers);
    request.response().end(Buffer.buffer(answer.body()));
  }

  private void receive(HttpServerRequest request) {
    SimulatedExchange exchange =
        new SimulatedExchange(state, request, context, connectionOf(request));
    String contentType =
        Optional.ofNullable(request.getHeader(HttpHeaders.CONTENT_TYPE))
            .orElse("")
            .toLowerCase(Locale.ROOT);
    boolean multipart = contentType.startsWith("multipart/form-data");
    if (multipart && request.path().equals(EndpointShape.TRANSCRIPTIONS.path())) {
      FormReader.read(request, exchange);
    } else if (contentType.startsWith("application/json")
        || EndpointShape.at(request.path()).isEmpty()) {
      new BodyReader(exchange).read();
    } else {
      exchange.refuseUnread(
          Refusal.of(
              415,
              "invalid_request_error",
              "unsupported_media_type",
              "The Content-Type must be application/json."));
    }
  }

  private long connectionOf(HttpServerRequest request) {
    return connections.computeIfAbsent(
        request.connection(),
        connection -> {
          connection.closeHandler(closed -> connections.remove(connection));
          return state.connectionNumbers.incrementAndGet();
        });
  }

  /** What the endpoint says of itself without a request to a model. */
  private static final class ModelList {
    private static final List<String> ANY = List.of("simulated-model");

    static byte[] of(SimulatorSettings settings) {
      List<String> models = settings.models().isEmpty() ? ANY : settings.models();
      return JsonBytes.of(
          json -> {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (String model : models) {
              json.writeStartObject();
              json.writeStringField("id", model);
              json.writeStringField("object", "model");
              json.writeNumberField("created", AnswerFacts.created(settings.seed()));
              json.writeStringField("owned_by", SimulatedBy.FINGERPRINT);
              json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
          });
    }

    static byte[] health() {
      return JsonBytes.of(
          json -> {
            json.writeStartObject();
            json.writeStringField("status", "ok");
            json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
            json.writeEndObject();
          });
    }
  }
}
