package io.batchinfer.live;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of a live page. A page of another site can neither read anything here nor
 * end the run: it does not know the address, and a request that comes from it, or by another name
 * of this machine, is refused. Called on one event loop.
 */
final class LiveRequests {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  /** The report says itself what it may load. */
  private static final String REPORT_POLICY = "frame-ancestors 'self'";

  private static final String HTML = "text/html; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";

  private static final Map<String, String> PARTS =
      Map.of("", HTML, "live.css", "text/css; charset=utf-8", "live.js", "text/javascript");

  private final Vertx vertx;
  private final byte[] token;
  private final LivePage.Run run;
  private final AtomicBoolean cancelled = new AtomicBoolean();
  private @Nullable Future<Buffer> report;

  LiveRequests(Vertx vertx, String token, LivePage.Run run) {
    this.vertx = vertx;
    this.token = token.getBytes(StandardCharsets.US_ASCII);
    this.run = run;
  }

  void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.putHeader("x-content-type-options", "nosniff");
    response.putHeader("referrer-policy", "no-referrer");
    response.putHeader("cross-origin-resource-policy", "same-origin");
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    String own = "127.0.0.1:" + request.localAddress().port();
    if (!own.equals(request.getHeader(HttpHeaders.HOST))) {
      refuse(response, 403, "This page answers to its own address alone.");
      return;
    }
    String path = request.path();
    int slash = path.indexOf('/', 1);
    String given = slash < 0 ? path.substring(1) : path.substring(1, slash);
    if (slash < 0 || !MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8))) {
      refuse(response, 404, "There is nothing at this path.");
      return;
    }
    answer(request, path.substring(slash + 1), "http://" + own);
  }

  private void answer(HttpServerRequest request, String name, String origin) {
    HttpServerResponse response = request.response();
    boolean cancels = name.equals("cancel");
    if (!cancels && !name.equals("report") && !name.equals("now") && !PARTS.containsKey(name)) {
      refuse(response, 404, "There is nothing at this path.");
    } else if (!request.method().equals(cancels ? HttpMethod.POST : HttpMethod.GET)) {
      refuse(response, 405, "This path does not take that method.");
    } else if (cancels) {
      cancel(request, origin);
    } else if (name.equals("report")) {
      report(response);
    } else if (name.equals("now")) {
      send(response, 200, TEXT, Buffer.buffer(run.now().get()));
    } else {
      response.putHeader("content-security-policy", POLICY);
      response.putHeader("x-frame-options", "DENY");
      send(response, 200, Objects.requireNonNull(PARTS.get(name)), part(name));
    }
  }

  private void cancel(HttpServerRequest request, String origin) {
    @Nullable String site = request.getHeader("sec-fetch-site");
    @Nullable String from = request.getHeader(HttpHeaders.ORIGIN);
    boolean own =
        (site == null || site.equals("same-origin")) && (from == null || from.equals(origin));
    if (!own) {
      refuse(request.response(), 403, "Another page may not end the run.");
      return;
    }
    if (cancelled.compareAndSet(false, true)) {
      Future<Void> unused =
          vertx.executeBlocking(
              () -> {
                run.cancel().run();
                return null;
              });
    }
    send(request.response(), 202, TEXT, Buffer.buffer("The run is being ended."));
  }

  private void report(HttpServerResponse response) {
    Future<Buffer> made = report;
    // However many ask, it is made once at a time.
    if (made == null || made.isComplete()) {
      made = vertx.executeBlocking(() -> Buffer.buffer(run.report().get()), false);
      report = made;
    }
    made.onSuccess(
            page -> {
              response.putHeader("content-security-policy", REPORT_POLICY);
              send(response, 200, HTML, page);
            })
        .onFailure(failure -> refuse(response, 503, "There is no report yet: " + failure));
  }

  private static void refuse(HttpServerResponse response, int status, String words) {
    response.putHeader(HttpHeaders.CONNECTION, "close");
    send(response, status, TEXT, Buffer.buffer(words + "\n"));
  }

  private static void send(HttpServerResponse response, int status, String type, Buffer body) {
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, type);
    // Whoever has gone meanwhile needs no answer.
    Future<Void> unused = response.end(body);
  }

  private static Buffer part(String name) {
    String file = "/batchinfer/live/" + (name.isEmpty() ? "live.html" : name);
    try (InputStream in =
        Objects.requireNonNull(LiveRequests.class.getResourceAsStream(file), file)) {
      return Buffer.buffer(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read \"" + file + "\" of the program's own jar", e);
    }
  }
}
