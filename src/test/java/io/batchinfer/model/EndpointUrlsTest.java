package io.batchinfer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointUrlsTest {

  @ParameterizedTest
  @CsvSource({
    "http://h, /v1/chat/completions, http://h/v1/chat/completions",
    "http://h:1, /v2/rerank, http://h:1/v2/rerank",
    "http://h/proxy/v1, /v1/embeddings, http://h/proxy/v1/embeddings",
    "http://h/v1beta/openai, /v1/chat/completions, http://h/v1beta/openai/chat/completions",
    "https://h/api/v3?a=b/c, /v1/responses, https://h/api/v3/responses?a=b/c",
    "https://h?a=/b, /v1/responses, https://h/v1/responses?a=/b"
  })
  void pathIsAppendedWithoutItsVersionAndBeforeTheQuery(String base, String path, String url) {
    assertThat(EndpointUrls.url(base, path)).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource({
    "http://h/v1/v1/chat/completions, /v1",
    "http://h/v1beta/openai/v1beta/openai/chat/completions?x=1, /v1beta/openai",
    "http://h/a/embeddings/embeddings, /embeddings",
    "http://h/v1/chat/completions, ",
    "http://h/a/aa/chat, ",
    "http://h?q=/v1/v1, "
  })
  void whatStandsTwiceInARowIsFound(String url, String doubled) {
    assertThat(EndpointUrls.doubled(url)).isEqualTo(Optional.ofNullable(doubled));
  }

  @ParameterizedTest
  @CsvSource({
    "/chat/completions, /v1/chat/completions",
    "/v1/chat/completions/, /v1/chat/completions",
    "/v1beta/openai/chat/completions, /v1/chat/completions",
    "/v1beta/openai/v1/chat/completions, /v1/chat/completions",
    "https://elsewhere/v1beta/openai/embeddings, /v1/embeddings",
    "/v2/rerank, /v2/rerank",
    "/openai/deployments/other/chat/completions, /v1/openai/deployments/other/chat/completions"
  })
  void lineMayNameThePathOfTheBaseUrlToo(String line, String canonical) {
    assertThat(EndpointPaths.canonical(line, Set.of("/v1beta/openai", "/openai/deployments/d")))
        .contains(canonical);
  }
}
