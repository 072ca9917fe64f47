package io.batchinfer.engine.send;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.http.HttpTransport;
import io.batchinfer.client.http.HttpTransportSettings;
import io.batchinfer.client.http.HttpVersions;
import io.batchinfer.client.http.SharedEventLoops;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.HttpVersion;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.time.SystemTime;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Opens this process's ways to the endpoints of a run. */
@FunctionalInterface
interface EndpointTransports {
  /** Over HTTP, as the options say. */
  EndpointTransports HTTP = EndpointTransports::overHttp;

  /**
   * One channel for each base URL.
   *
   * @param maySend asked just before a request is written
   * @param closer will close what is opened
   */
  List<? extends InferenceChannel> open(
      ResolvedOptions options,
      RunSecrets secrets,
      SystemTime time,
      BooleanSupplier maySend,
      Closer closer);

  private static List<HttpTransport> overHttp(
      ResolvedOptions options,
      RunSecrets secrets,
      SystemTime time,
      BooleanSupplier maySend,
      Closer closer) {
    int loops = SharedEventLoops.usualCount();
    SharedEventLoops eventLoops = closer.add(SharedEventLoops.use(loops));
    List<HttpTransport> transports = new ArrayList<>();
    for (String base : options.get(EndpointOptions.BASE_URL)) {
      transports.add(
          closer.add(
              HttpTransport.open(
                  settings(URI.create(base), options, secrets, loops),
                  eventLoops.loops(),
                  time,
                  maySend)));
    }
    return transports;
  }

  /** Of one base URL; its headers are secret. */
  static HttpTransportSettings settings(
      URI base, ResolvedOptions options, RunSecrets secrets, int loops) {
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(base)
            .withHeaders(secrets.headers())
            .withConnectTimeout(options.get(RetryOptions.CONNECT_TIMEOUT))
            .withRequestTimeout(options.get(RetryOptions.REQUEST_TIMEOUT))
            .withMaxResponseBytes(options.get(RateOptions.MAX_RESPONSE_BYTES))
            .withMaxConnections(
                options.find(RateOptions.CONCURRENCY).orElse(QuotaLimits.MOST_ADAPTIVE))
            .withVersions(versions(options.get(EndpointOptions.HTTP_VERSION)))
            .withEventLoops(loops);
    String caFile = options.find(EndpointOptions.CA_FILE).orElse(null);
    if (caFile != null) {
      settings = settings.withCaFile(Path.of(caFile));
    }
    String proxy = secrets.proxies().get(base.toString());
    return proxy == null ? settings : settings.withProxy(URI.create(proxy));
  }

  private static HttpVersions versions(HttpVersion version) {
    return switch (version) {
      case AUTO -> HttpVersions.AUTO;
      case HTTP_1_1 -> HttpVersions.HTTP_1_1;
      case HTTP_2 -> HttpVersions.HTTP_2_PRIOR_KNOWLEDGE;
    };
  }
}
