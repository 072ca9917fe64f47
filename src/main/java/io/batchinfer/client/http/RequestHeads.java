package io.batchinfer.client.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.impl.HttpRequestHead;
import io.vertx.core.net.HostAndPort;

/** Request lines of one host; what all of them say of it is made once. Immutable. */
final class RequestHeads {
  private final BaseUrl baseUrl;
  private final boolean forwardedByProxy;
  private final String scheme;
  private final String origin;
  private final HostAndPort authority;

  /**
   * @param forwardedByProxy whether a proxy reads the request, which must then name the host
   */
  RequestHeads(BaseUrl baseUrl, boolean forwardedByProxy) {
    this.baseUrl = baseUrl;
    this.forwardedByProxy = forwardedByProxy;
    this.scheme = baseUrl.tls() ? "https" : "http";
    this.origin = scheme + "://" + baseUrl.authority();
    this.authority = HostAndPort.authority(baseUrl.host(), baseUrl.port());
  }

  /** The head of a request to a canonical endpoint path. */
  HttpRequestHead post(String path, MultiMap headers) {
    String target = baseUrl.requestTarget(path);
    String absolute = origin + target;
    return new HttpRequestHead(
        scheme,
        HttpMethod.POST,
        forwardedByProxy ? absolute : target,
        headers,
        authority,
        absolute,
        null);
  }
}
