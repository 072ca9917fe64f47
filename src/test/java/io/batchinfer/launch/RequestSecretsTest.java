package io.batchinfer.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestSecretsTest {

  private static Map<String, String> headers(String... namesAndValues) {
    Map<String, List<String>> flags = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      flags.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    ResolvedOptions options = OptionSources.builder().flags(flags).resolve();
    return RequestSecrets.of(options, Optional.of("sk-1"), Map.of()).headers();
  }

  @Test
  void keyIsABearerTokenUnlessSaidOtherwise() {
    assertThat(headers()).isEqualTo(Map.of("Authorization", "Bearer sk-1"));
    assertThat(headers("api-key-scheme", "Token")).isEqualTo(Map.of("Authorization", "Token sk-1"));
    assertThat(headers("api-key-scheme", "none")).isEqualTo(Map.of("Authorization", "sk-1"));
  }

  @Test
  void anotherHeaderCarriesTheKeyAlone() {
    assertThat(headers("api-key-header", "api-key")).isEqualTo(Map.of("api-key", "sk-1"));
    assertThat(headers("api-key-header", "X-Key", "api-key-scheme", "Bearer"))
        .isEqualTo(Map.of("X-Key", "Bearer sk-1"));
  }

  @Test
  void profileBringsTheHeadersOfItsProvider() {
    assertThat(headers("provider", "anthropic"))
        .isEqualTo(Map.of("x-api-key", "sk-1", "anthropic-version", "2023-06-01"));
    assertThat(headers("provider", "anthropic", "header", "Anthropic-Version: 2099-01-01"))
        .containsEntry("anthropic-version", "2099-01-01")
        .hasSize(2);
    assertThat(headers("provider", "azure")).isEqualTo(Map.of("api-key", "sk-1"));
  }
}
