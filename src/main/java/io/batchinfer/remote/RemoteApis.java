package io.batchinfer.remote;

import io.batchinfer.client.http.ApiClient;
import io.batchinfer.client.http.HttpTransportSettings;
import io.batchinfer.config.BatchDialect;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.config.SavingOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Opens the batch service that a run's options name. */
public final class RemoteApis {
  private RemoteApis() {}

  /**
   * The batch service at the run's first base URL.
   *
   * @param headers of every request, secrets included
   * @param proxies by base URL
   * @param longest wait for an answer
   */
  public static RemoteBatchApi open(
      ResolvedOptions options,
      Map<String, String> headers,
      Map<String, String> proxies,
      Duration longest) {
    String base = options.get(EndpointOptions.BASE_URL).get(0);
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(URI.create(base))
            .withHeaders(headers)
            .withConnectTimeout(options.get(RetryOptions.CONNECT_TIMEOUT))
            .withRequestTimeout(longest);
    String caFile = options.find(EndpointOptions.CA_FILE).orElse(null);
    if (caFile != null) {
      settings = settings.withCaFile(Path.of(caFile));
    }
    String proxy = proxies.get(base);
    if (proxy != null) {
      settings = settings.withProxy(URI.create(proxy));
    }
    ApiClient client = new ApiClient(settings);
    return options.get(SavingOptions.BATCH_API) == BatchDialect.MISTRAL
        ? new MistralBatches(client)
        : new OpenAiBatches(client);
  }
}
