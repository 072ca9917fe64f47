package io.batchinfer.client.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.impl.HttpRequestHead;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What all exchanges with one endpoint have in common. */
record Endpoint(
    BaseUrl baseUrl,
    boolean forwardedByProxy,
    RequestHeaders headers,
    long maxResponseBytes,
    Duration requestTimeout,
    BooleanSupplier fence,
    Failures failures) {

  boolean maySend() {
    return fence.getAsBoolean();
  }

  HttpRequestHead head(String path, MultiMap requestHeaders) {
    String scheme = baseUrl.tls() ? "https" : "http";
    String requestPath = baseUrl.requestPath(path);
    String absolute = scheme + "://" + baseUrl.authority() + requestPath;
    return new HttpRequestHead(
        scheme,
        HttpMethod.POST,
        forwardedByProxy ? absolute : requestPath,
        requestHeaders,
        HostAndPort.authority(baseUrl.host(), baseUrl.port()),
        absolute,
        null);
  }
}
