package io.batchinfer.client.http;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Settings in the words of the HTTP library. */
final class VertxOptionsOf {
  static final int MAX_HEADER_BYTES = 64 << 10;

  private static final int STREAM_WINDOW_BYTES = 1 << 20;
  private static final int CONNECTION_WINDOW_BYTES = 16 << 20;

  private VertxOptionsOf() {}

  static HttpClientOptions client(HttpTransportSettings settings, BaseUrl baseUrl) {
    int connectMillis = (int) Math.min(Integer.MAX_VALUE, settings.connectTimeout().toMillis());
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(baseUrl.tls())
            .setConnectTimeout(connectMillis)
            .setSslHandshakeTimeout(connectMillis)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setKeepAlive(true)
            .setPipelining(false)
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setDecompressionSupported(false)
            .setVerifyHost(true)
            .setForceSni(baseUrl.tls() && !isAddress(baseUrl.host()))
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setHttp2ClearTextUpgrade(false)
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
            .setInitialSettings(
                new Http2Settings()
                    .setPushEnabled(false)
                    .setInitialWindowSize(STREAM_WINDOW_BYTES));
    switch (settings.versions()) {
      case HTTP_1_1 -> options.setProtocolVersion(HttpVersion.HTTP_1_1);
      case HTTP_2_PRIOR_KNOWLEDGE -> {
        options.setProtocolVersion(HttpVersion.HTTP_2);
        if (baseUrl.tls()) {
          options.setUseAlpn(true).setAlpnVersions(List.of(HttpVersion.HTTP_2));
        }
      }
      case AUTO -> {
        if (baseUrl.tls()) {
          options
              .setProtocolVersion(HttpVersion.HTTP_2)
              .setUseAlpn(true)
              .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1));
        } else {
          options.setProtocolVersion(HttpVersion.HTTP_1_1);
        }
      }
    }
    settings
        .caFile()
        .ifPresent(
            file ->
                options.setTrustOptions(TrustOptions.wrap(TrustedCertificates.defaultsAnd(file))));
    settings
        .proxy()
        .filter(proxy -> baseUrl.tls())
        .ifPresent(proxy -> options.setProxyOptions(HttpProxy.parse(proxy).tunnel()));
    return options;
  }

  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
  }

  static boolean mayMultiplex(HttpTransportSettings settings, BaseUrl baseUrl) {
    return switch (settings.versions()) {
      case HTTP_1_1 -> false;
      case HTTP_2_PRIOR_KNOWLEDGE -> true;
      case AUTO -> baseUrl.tls();
    };
  }

  /**
   * The library's pool stays empty: connections are kept per event loop by {@link LoopConnections}.
   */
  static PoolOptions unusedPool() {
    return new PoolOptions().setCleanerPeriod(0);
  }
}
