package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.http.HttpTransportSettings;
import io.batchinfer.client.http.HttpVersions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.quota.QuotaLimits;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What of a run's options its connections know. */
class EndpointTransportsTest {
  private static final URI BASE = URI.create("http://a:1/v1");

  private static HttpTransportSettings settings(Map<String, String> options) {
    Map<String, List<String>> flags = new TreeMap<>();
    flags.put("base-url", List.of(BASE.toString()));
    options.forEach((name, value) -> flags.put(name, List.of(value)));
    ResolvedOptions resolved = OptionSources.builder().flags(flags).resolve();
    RunSecrets secrets = new RunSecrets(new TreeMap<>(Map.of("x-key", "secret")), new TreeMap<>());
    return EndpointTransports.settings(BASE, resolved, secrets, 3);
  }

  @Test
  void limitsAndHeadersAreTheOptions() {
    HttpTransportSettings settings =
        settings(
            Map.of(
                "concurrency", "17",
                "connect-timeout", "3s",
                "request-timeout", "45s",
                "max-response-bytes", "2MiB",
                "ca-file", "/etc/ca.pem"));

    assertThat(settings.baseUrl()).isEqualTo(BASE);
    assertThat(settings.headers()).containsEntry("x-key", "secret");
    assertThat(settings.maxConnections()).isEqualTo(17);
    assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.requestTimeout()).isEqualTo(Duration.ofSeconds(45));
    assertThat(settings.maxResponseBytes()).isEqualTo(2 << 20);
    assertThat(settings.eventLoops()).isEqualTo(3);
    assertThat(settings.caFile()).contains(Path.of("/etc/ca.pem"));
  }

  @Test
  void withoutALimitThereMayBeAsManyConnectionsAsAreEverTried() {
    assertThat(settings(Map.of()).maxConnections()).isEqualTo(QuotaLimits.MOST_ADAPTIVE);
    assertThat(settings(Map.of()).caFile()).isEmpty();
  }

  @Test
  void whichHttpIsSpokenIsTheOptions() {
    assertThat(settings(Map.of()).versions()).isEqualTo(HttpVersions.AUTO);
    assertThat(settings(Map.of("http-version", "1.1")).versions()).isEqualTo(HttpVersions.HTTP_1_1);
    assertThat(settings(Map.of("http-version", "2")).versions())
        .isEqualTo(HttpVersions.HTTP_2_PRIOR_KNOWLEDGE);
  }

  @Test
  void aProxyIsThatOfItsBaseUrlAlone() {
    RunSecrets secrets =
        new RunSecrets(
            new TreeMap<>(), new TreeMap<>(Map.of(BASE.toString(), "http://user:word@proxy:3128")));
    ResolvedOptions options =
        OptionSources.builder().flags(Map.of("base-url", List.of(BASE.toString()))).resolve();

    assertThat(EndpointTransports.settings(BASE, options, secrets, 1).proxy())
        .contains(URI.create("http://user:word@proxy:3128"));
    assertThat(EndpointTransports.settings(URI.create("http://b:1"), options, secrets, 1).proxy())
        .isEmpty();
  }
}
