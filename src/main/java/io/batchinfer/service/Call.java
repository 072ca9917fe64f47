package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.store.Workspace;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call of the API: who calls, what for, and its answer. Lives on its event loop. */
final class Call {
  private static final String JSON = "application/json";

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final String requestId;
  private final Route route;
  private final Map<String, String> variables;
  private final @Nullable Workspace workspace;
  private final String keyId;
  private final Consumer<Throwable> defects;
  private final List<Runnable> beforeAnswer = new ArrayList<>();
  private final List<Runnable> whenOver = new ArrayList<>();
  private boolean cutOff;

  Call(
      Vertx vertx,
      HttpServerRequest request,
      String requestId,
      Route route,
      Map<String, String> variables,
      @Nullable Workspace workspace,
      String keyId,
      Consumer<Throwable> defects) {
    this.vertx = vertx;
    this.request = request;
    this.requestId = requestId;
    this.route = route;
    this.variables = variables;
    this.workspace = workspace;
    this.keyId = keyId;
    this.defects = defects;
    request.response().endHandler(end -> over());
    request.response().closeHandler(closed -> over());
  }

  private void over() {
    runOnce(beforeAnswer);
    runOnce(whenOver);
  }

  private static void runOnce(List<Runnable> actions) {
    List<Runnable> all = List.copyOf(actions);
    actions.clear();
    all.forEach(Runnable::run);
  }

  /** The client has gone, or was cut off, in the middle of the answer. */
  void cutOff() {
    cutOff = true;
    over();
  }

  /** Whether the answer is complete, as far as is known. */
  boolean isAnswered() {
    return response().ended() && !cutOff;
  }

  /** Does something once, when the answer is complete or the client has gone. */
  void whenOver(Runnable action) {
    whenOver.add(action);
  }

  /**
   * Does something once, before the client can have the whole answer, or when it has gone: a client
   * that asks again at once must not meet what it has been told is over.
   */
  void beforeAnswer(Runnable action) {
    beforeAnswer.add(action);
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  Vertx vertx() {
    return vertx;
  }

  String requestId() {
    return requestId;
  }

  Route route() {
    return route;
  }

  /** A segment of the path. */
  String variable(String name) {
    return Objects.requireNonNull(variables.get(name), name);
  }

  /** Whose call it is; only where the route needs a key. */
  String workspace() {
    return Objects.requireNonNull(workspace, "workspace").name();
  }

  /** Id of the key that was given. */
  String keyId() {
    return keyId;
  }

  boolean isHead() {
    return HttpMethod.HEAD.equals(request.method());
  }

  /** A parameter of the query, its last value where it stands several times. */
  Optional<String> query(String name) {
    List<String> values = parameters().getAll(name);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(values.size() - 1));
  }

  /** The parameters of the query. */
  MultiMap parameters() {
    try {
      return request.params();
    } catch (IllegalArgumentException e) {
      // Its message quotes the query, which belongs into no log.
      throw ApiError.invalid(
          null, "malformed_request", "The query of the address has a malformed escape.");
    }
  }

  /** All values of a parameter, in either spelling of a list. */
  List<String> queries(String name) {
    List<String> values = parameters().getAll(name);
    return values.isEmpty() ? parameters().getAll(name + "[]") : values;
  }

  boolean isGone() {
    return response().closed() || response().ended();
  }

  /** Answers 200 with JSON. */
  void json(byte[] body) {
    send(200, JSON, body);
  }

  void send(int status, String type, byte[] body) {
    if (isGone()) {
      return;
    }
    runOnce(beforeAnswer);
    HttpServerResponse response = response();
    response.setStatusCode(status);
    response.putHeader(HttpHeaders.CONTENT_TYPE, type);
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
    if (isHead()) {
      response.end();
    } else {
      response.end(Buffer.buffer(body));
    }
  }

  /** Answers with a refusal, or with 500 where the failure is ours. */
  void fail(Throwable failure) {
    ApiError error = Refusals.of(failure);
    if (error.status() >= 500 && error != failure) {
      defects.accept(failure);
    }
    if (isGone()) {
      return;
    }
    HttpServerResponse response = response();
    if (response.headWritten()) {
      // A body that was promised cannot become a refusal; cut off, it is seen as incomplete.
      request.connection().close();
      return;
    }
    if (!error.mayPass()) {
      response.putHeader("x-should-retry", "false");
    }
    if (!request.isEnded()) {
      // What is still to come of the request is not read.
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    if (error.status() == 401) {
      response.putHeader("www-authenticate", "Bearer");
    }
    response.headers().remove(HttpHeaders.CONTENT_DISPOSITION);
    send(error.status(), JSON, error.json());
  }

  /** Does something that may block on a worker thread, then goes on here with what it gave. */
  <T> void blocking(Callable<T> work, Consumer<T> then) {
    vertx
        .executeBlocking(work, false)
        .onComplete(
            result -> {
              if (result.failed()) {
                fail(result.cause());
              } else {
                guarded(() -> then.accept(result.result()));
              }
            });
  }

  /** Does something here whose failure is the call's. */
  void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }
}
