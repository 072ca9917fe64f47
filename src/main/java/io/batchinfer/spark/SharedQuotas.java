package io.batchinfer.spark;

import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.time.SystemTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The limits of every endpoint and key that the runs of one driver use, each once. Thread-safe. */
public final class SharedQuotas implements AutoCloseable {
  private final SystemTime time = new SystemTime("batchinfer-quota");
  private final Map<Endpoint, EndpointQuota> quotas = new HashMap<>();

  /** What a provider knows a caller by. */
  private record Endpoint(String addresses, Optional<String> key, String limits) {
    @Override
    public String toString() {
      return addresses;
    }
  }

  /**
   * The limits of that endpoint and key, as the options have them.
   *
   * @param key what is sent as the API key, which stays in memory
   */
  public synchronized EndpointQuota of(ResolvedOptions options, Optional<String> key) {
    String limits =
        options.find(Options.CONCURRENCY)
            + " "
            + options.find(Options.REQUESTS_PER_MINUTE)
            + " "
            + options.find(Options.TOKENS_PER_MINUTE);
    Endpoint endpoint = new Endpoint(String.join(" ", options.get(Options.BASE_URL)), key, limits);
    return quotas.computeIfAbsent(endpoint, any -> Sending.endpointQuota(options, time));
  }

  @Override
  public void close() {
    time.close();
  }
}
