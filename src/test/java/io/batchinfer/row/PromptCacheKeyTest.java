package io.batchinfer.row;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptCacheKeyTest {
  private static String put(String body) {
    return new String(PromptCacheKey.put(body.getBytes(UTF_8), 0xabcL), UTF_8);
  }

  @Test
  void theRestOfTheBodyStaysAsItIs() {
    assertThat(put("{ \"n\": 1.0, \"é\": [1] }"))
        .isEqualTo(
            "{\"prompt_cache_key\":\"batchinfer-0000000000000abc\", \"n\": 1.0, \"é\": [1] }");
  }

  @Test
  void aBodyOfNothingGetsAKeyAlone() {
    assertThat(put(" {}")).isEqualTo(" {\"prompt_cache_key\":\"batchinfer-0000000000000abc\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"prompt_cache_key\":\"mine\"}",
        "{\"prompt_cache_key\":null}",
        "{\"prompt\\u005fcache_key\":\"mine\"}",
      })
  void aLinesOwnStays(String body) {
    assertThat(put(body)).isEqualTo(body);
  }

  @Test
  void oneWithinIsAnother() {
    assertThat(put("{\"metadata\":{\"prompt_cache_key\":\"x\"}}")).contains("batchinfer-0");
  }

  @Test
  void onlyChatsHaveOne() {
    assertThat(PromptCacheKey.belongsTo("/v1/chat/completions")).isTrue();
    assertThat(PromptCacheKey.belongsTo("/v1/embeddings")).isFalse();
  }
}
