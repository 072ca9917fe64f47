package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.store.Workspace;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds what answers a request, after looking at who asks and how often. */
final class RequestRouter implements Handler<HttpServerRequest> {
  private static final String BEARER = "Bearer ";
  private static final int LONGEST_KEY = 256;

  private final Vertx vertx;
  private final List<Route> routes;
  private final AccessKeys keys;
  private final CallRates rates;
  private final ConnectionGuard connections;
  private final AccessLog log;

  RequestRouter(
      Vertx vertx,
      List<Route> routes,
      AccessKeys keys,
      CallRates rates,
      ConnectionGuard connections,
      AccessLog log) {
    this.vertx = vertx;
    this.routes = List.copyOf(routes);
    this.keys = keys;
    this.rates = rates;
    this.connections = connections;
    this.log = log;
  }

  ConnectionGuard connections() {
    return connections;
  }

  /** Answers what is not proper HTTP, and lets the connection go. */
  void refuseMalformed(HttpServerRequest request) {
    DecoderResult result = request.decoderResult();
    boolean large =
        result.cause() instanceof TooLongHttpLineException
            || result.cause() instanceof TooLongHttpHeaderException;
    ApiError error =
        large
            ? new ApiError(
                result.cause() instanceof TooLongHttpLineException ? 414 : 431,
                "invalid_request_error",
                null,
                "too_large",
                "The address or the headers of the request are too long.")
            : ApiError.invalid(null, "malformed_request", "The request is not proper HTTP.");
    String requestId = begin(request);
    log.refused(requestId, error.status());
    request.response().putHeader(HttpHeaders.CONNECTION, "close");
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    request
        .response()
        .setStatusCode(error.status())
        .end(Buffer.buffer(error.json()))
        .onComplete(sent -> request.connection().close());
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (connections.isClosing(request.connection())) {
      return;
    }
    String requestId = begin(request);
    Matched matched = match(request);
    Identity identity = identity(request, matched);
    Call call =
        new Call(
            vertx,
            request,
            requestId,
            matched.route,
            matched.variables,
            identity.workspace,
            identity.keyId,
            failure -> log.defect(requestId, failure));
    log.follow(call, identity.workspace == null ? "-" : identity.workspace.name());
    connections.began(call);
    call.guarded(
        () -> {
          if (identity.refusal != null) {
            throw identity.refusal;
          }
          matched.route.action().serve(call);
        });
  }

  private static String begin(HttpServerRequest request) {
    String requestId = "req_" + UUID.randomUUID().toString().replace("-", "");
    request.response().putHeader("x-request-id", requestId);
    request.response().putHeader("x-content-type-options", "nosniff");
    return requestId;
  }

  private record Matched(Route route, Map<String, String> variables) {}

  private record Identity(
      @Nullable Workspace workspace, String keyId, @Nullable ApiError refusal) {}

  private Matched match(HttpServerRequest request) {
    @Nullable ApiError ambiguous = HeadRules.refuse(request);
    if (ambiguous != null) {
      request.response().putHeader(HttpHeaders.CONNECTION, "close");
      return nothing(ambiguous);
    }
    @Nullable String path = request.path();
    Optional<String[]> segments = path == null ? Optional.empty() : segments(path);
    if (segments.isEmpty()) {
      return nothing(ApiError.notFound("There is nothing at this path."));
    }
    Set<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Optional<Map<String, String>> variables = route.match(segments.get());
      if (variables.isPresent()) {
        if (route.method().equals(request.method())) {
          return new Matched(route, variables.get());
        }
        allowed.add(route.method().name());
      }
    }
    if (allowed.isEmpty()) {
      return nothing(ApiError.notFound("There is nothing at this path."));
    }
    request.response().putHeader(HttpHeaders.ALLOW, String.join(", ", allowed));
    return nothing(
        new ApiError(
            405,
            "invalid_request_error",
            null,
            "method_not_allowed",
            "This path takes %s only.".formatted(String.join(", ", allowed))));
  }

  private static Matched nothing(ApiError error) {
    Route none =
        new Route(
            HttpMethod.GET,
            "",
            true,
            call -> {
              throw error;
            });
    return new Matched(none, Map.of());
  }

  /** Decoded segments, which may hold anything; empty for a path that cannot be decoded. */
  private static Optional<String[]> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String raw : path.split("/", -1)) {
      String segment = raw;
      if (raw.indexOf('%') >= 0) {
        try {
          segment = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
          return Optional.empty();
        }
      }
      segments.add(segment);
    }
    return Optional.of(segments.toArray(String[]::new));
  }

  private Identity identity(HttpServerRequest request, Matched matched) {
    if (matched.route.open()) {
      return new Identity(null, "-", null);
    }
    Optional<String> key = key(request);
    Optional<Workspace> workspace = key.flatMap(keys::workspaceOf);
    if (workspace.isEmpty()) {
      return new Identity(
          null,
          "-",
          new ApiError(
              401,
              "authentication_error",
              null,
              "invalid_api_key",
              key.isEmpty()
                  ? "No API key was given; send it as \"Authorization: Bearer KEY\"."
                  : "The API key is not valid, or it was revoked."));
    }
    @Nullable ApiError tooMany = rates.refuse(workspace.get(), request.response());
    return new Identity(workspace.get(), AccessKeys.idOf(key.get()), tooMany);
  }

  private static Optional<String> key(HttpServerRequest request) {
    @Nullable String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    @Nullable String key =
        authorization == null
            ? request.getHeader("x-api-key")
            : authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).strip()
                : null;
    return Optional.ofNullable(key).filter(text -> !text.isEmpty() && text.length() <= LONGEST_KEY);
  }
}
