package io.batchinfer.client.http;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How one endpoint is reached.
 *
 * @param baseUrl scheme, host, optional port, path and query; without a path, {@code /v1} is meant
 * @param headers sent with every request
 * @param connectTimeout longest time for the TCP connection, and again for the TLS handshake
 * @param requestTimeout longest time from the last byte sent to the last byte read
 * @param maxResponseBytes largest decoded body that is accepted
 * @param maxConnections most connections (HTTP/1.1) or requests in flight (HTTP/2)
 * @param caFile PEM certificates that are trusted beside the JVM's own
 * @param proxy {@code http://[user:password@]host:port} of an HTTP proxy; whether a host goes
 *     around the proxy is decided by the caller
 * @param eventLoops threads of a transport that has its own event loops
 */
public record HttpTransportSettings(
    URI baseUrl,
    Map<String, String> headers,
    Duration connectTimeout,
    Duration requestTimeout,
    long maxResponseBytes,
    int maxConnections,
    HttpVersions versions,
    Optional<Path> caFile,
    Optional<URI> proxy,
    int eventLoops) {

  public HttpTransportSettings {
    BaseUrl.parse(baseUrl);
    headers = Map.copyOf(headers);
    headers.forEach(RequestHeaders::requireSafe);
    requirePositive("connectTimeout", connectTimeout.toMillis());
    requirePositive("requestTimeout", requestTimeout.toMillis());
    requirePositive("maxResponseBytes", maxResponseBytes);
    requirePositive("maxConnections", maxConnections);
    requirePositive("eventLoops", eventLoops);
    proxy.ifPresent(HttpProxy::parse);
  }

  /** Ten minutes per request, 64 connections, 64 MiB per answer, ALPN, no proxy. */
  public static HttpTransportSettings defaults(URI baseUrl) {
    return new HttpTransportSettings(
        baseUrl,
        Map.of(),
        Duration.ofSeconds(10),
        Duration.ofMinutes(10),
        64L << 20,
        64,
        HttpVersions.AUTO,
        Optional.empty(),
        Optional.empty(),
        Math.min(4, Runtime.getRuntime().availableProcessors()));
  }

  public HttpTransportSettings withHeaders(Map<String, String> newHeaders) {
    return new HttpTransportSettings(
        baseUrl,
        newHeaders,
        connectTimeout,
        requestTimeout,
        maxResponseBytes,
        maxConnections,
        versions,
        caFile,
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withConnectTimeout(Duration newConnectTimeout) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        newConnectTimeout,
        requestTimeout,
        maxResponseBytes,
        maxConnections,
        versions,
        caFile,
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withRequestTimeout(Duration newRequestTimeout) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        newRequestTimeout,
        maxResponseBytes,
        maxConnections,
        versions,
        caFile,
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withMaxResponseBytes(long newMaxResponseBytes) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        requestTimeout,
        newMaxResponseBytes,
        maxConnections,
        versions,
        caFile,
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withMaxConnections(int newMaxConnections) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        requestTimeout,
        maxResponseBytes,
        newMaxConnections,
        versions,
        caFile,
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withVersions(HttpVersions newVersions) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        requestTimeout,
        maxResponseBytes,
        maxConnections,
        newVersions,
        caFile,
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withCaFile(Path newCaFile) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        requestTimeout,
        maxResponseBytes,
        maxConnections,
        versions,
        Optional.of(newCaFile),
        proxy,
        eventLoops);
  }

  public HttpTransportSettings withProxy(URI newProxy) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        requestTimeout,
        maxResponseBytes,
        maxConnections,
        versions,
        caFile,
        Optional.of(newProxy),
        eventLoops);
  }

  public HttpTransportSettings withEventLoops(int newEventLoops) {
    return new HttpTransportSettings(
        baseUrl,
        headers,
        connectTimeout,
        requestTimeout,
        maxResponseBytes,
        maxConnections,
        versions,
        caFile,
        proxy,
        newEventLoops);
  }

  private static void requirePositive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "Setting \"" + name + "\" is " + value + ": it must be positive.");
    }
  }

  /** Header names without values, the proxy without credentials. */
  @Override
  public String toString() {
    return "HttpTransportSettings[baseUrl="
        + baseUrl
        + ", headers="
        + new TreeSet<>(headers.keySet())
        + ", connectTimeout="
        + connectTimeout
        + ", requestTimeout="
        + requestTimeout
        + ", maxResponseBytes="
        + maxResponseBytes
        + ", maxConnections="
        + maxConnections
        + ", versions="
        + versions
        + ", caFile="
        + caFile
        + ", proxy="
        + proxy.map(HttpProxy::parse)
        + ", eventLoops="
        + eventLoops
        + "]";
  }
}
