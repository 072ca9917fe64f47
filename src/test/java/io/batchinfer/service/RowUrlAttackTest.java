package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.model.EndpointPaths;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The address in a row names a path at most; the host that is called is the operator's. */
class RowUrlAttackTest extends ServiceAttack {
  private static final URI BASE = URI.create("http://model.example:8000");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example/v1/chat/completions",
        "https://evil.example:443/v1/chat/completions",
        "HTTP://EVIL.EXAMPLE/v1/chat/completions",
        "//evil.example/v1/chat/completions",
        "///evil.example/v1/chat/completions",
        "http:evil.example/v1/chat/completions",
        "http:/evil.example/v1/chat/completions",
        "http:///evil.example/v1/chat/completions",
        "http://x//evil.example/v1/chat/completions",
        "http:\\\\evil.example\\v1\\chat\\completions",
        "\\\\evil.example\\v1\\chat\\completions",
        "/\\evil.example/v1/chat/completions",
        "http://user:pass@evil.example/v1/chat/completions",
        "@evil.example/v1/chat/completions",
        "/@evil.example/v1/chat/completions",
        ".evil.example/v1/chat/completions",
        ":80@evil.example/",
        "http://evil\u3002example/v1/chat/completions",
        "/v1/\uff0e\uff0e/chat/completions",
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/chat/completions?url=http://evil.example",
        "/v1/chat/completions#@evil.example",
        "/v1/chat/completions\r\nHost: evil.example",
        "\thttp://evil.example/v1/chat/completions",
        "file:///etc/passwd",
        "ftp://evil.example/v1/chat/completions",
        "javascript:alert(1)",
        "http://[::1]/v1/chat/completions",
        "http://169.254.169.254/latest/meta-data"
      })
  void aRowChangesNoHost(String url) throws IOException {
    Optional<String> path = EndpointPaths.canonical(url);

    path.ifPresent(
        canonical -> {
          URI called = BASE.resolve(URI.create(BASE + canonical));
          assertThat(called.getAuthority()).isEqualTo(BASE.getAuthority());
          assertThat(called.normalize().getPath()).isEqualTo(canonical).startsWith("/v1/");
          assertThat(canonical).doesNotContain("//", "..", "@", "\\");
        });
    ObjectNode line = (ObjectNode) AttackedService.JSON.readTree(Form.LINE);
    ((ObjectNode) line.get("body")).putArray("messages");
    String file = service.upload(service.acmeKey, line.put("url", url) + "\n");
    JsonNode batch = service.ended(service.batch(service.acmeKey, file));
    if (path.equals(Optional.of(EndpointPaths.CHAT_COMPLETIONS))) {
      assertThat(batch.path("status").asText()).as(batch.toString()).isEqualTo("completed");
    } else {
      assertThat(batch.path("status").asText()).isEqualTo("failed");
      assertThat(batch.at("/errors/data/0/code").asText()).isEqualTo("invalid_url");
    }
  }
}
