package io.batchinfer.launch;

import io.batchinfer.config.CollectorAddress;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.KeyOptions;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ProxyEnvironment;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.net.URI;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What goes over the wire to the endpoint, or to the collector, only. */
public final class RequestSecrets {
  private static final String NO_SCHEME = "none";

  /** By which the libraries of the models' hub know a token. */
  private static final String HUB_TOKEN = "HF_TOKEN";

  private RequestSecrets() {}

  /**
   * Headers and proxies of the run's requests, and headers of those to its collector.
   *
   * @param key the API key, if there is one
   */
  public static RunSecrets of(
      ResolvedOptions options, Optional<String> key, Map<String, String> environment) {
    NavigableMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    options.profile().map(ProviderProfile::requestHeaders).ifPresent(headers::putAll);
    String header = options.get(KeyOptions.API_KEY_HEADER);
    String scheme =
        options
            .find(KeyOptions.API_KEY_SCHEME)
            .orElse(header.equalsIgnoreCase(KeyOptions.AUTHORIZATION) ? "Bearer" : NO_SCHEME);
    key.ifPresent(
        value ->
            headers.put(header, scheme.equalsIgnoreCase(NO_SCHEME) ? value : scheme + " " + value));
    options.find(KeyOptions.HEADER).ifPresent(headers::putAll);
    NavigableMap<String, String> proxies = new TreeMap<>();
    for (String base : options.get(EndpointOptions.BASE_URL)) {
      ProxyEnvironment.proxyFor(URI.create(base), environment)
          .ifPresent(proxy -> proxies.put(base, proxy.toString()));
    }
    return new RunSecrets(
        headers,
        proxies,
        CollectorAddress.headers(options, environment),
        engineVariables(options, environment));
  }

  private static SortedMap<String, String> engineVariables(
      ResolvedOptions options, Map<String, String> environment) {
    SortedMap<String, String> variables = new TreeMap<>();
    for (String name : options.get(EngineOptions.ENGINE_ENV)) {
      @Nullable String value = environment.get(name);
      if (value == null) {
        throw new BatchException(
            ErrorCode.USAGE,
            "The variable \"%s\" of --engine-env is not set here; set it where the driver starts, or leave it out."
                .formatted(name));
      }
      variables.put(name, value);
    }
    options
        .find(EngineOptions.HUB_TOKEN_ENV)
        .ifPresent(name -> variables.put(HUB_TOKEN, hubToken(name, environment)));
    return variables;
  }

  private static String hubToken(String name, Map<String, String> environment) {
    @Nullable String value = environment.get(name);
    if (value == null) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The variable \"%s\" of --hub-token-env is not set here; set it where the driver starts, or leave it out."
              .formatted(name));
    }
    return value;
  }
}
