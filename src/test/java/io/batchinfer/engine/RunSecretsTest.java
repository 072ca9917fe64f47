package io.batchinfer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunSecretsTest {

  @Test
  void keysAreMaskedWithAndWithoutTheirSchemeButNoVersion() {
    RunSecrets secrets =
        new RunSecrets(
            new TreeMap<>(
                Map.of(
                    "Authorization", "Bearer sk-1234",
                    "x-api-key", "an-1234",
                    "Anthropic-Version", "2023-06-01")),
            new TreeMap<>());

    assertThat(secrets.values()).containsExactlyInAnyOrder("Bearer sk-1234", "sk-1234", "an-1234");
  }
}
