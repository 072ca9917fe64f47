package io.batchinfer.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenEstimatorTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String HELLO =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"hello world\"}]}";

  private final TokenEstimator estimator = new TokenEstimator("gpt-4o-mini");

  @ParameterizedTest
  @CsvSource({
    "gpt-4o-mini, o200k_base",
    "GPT-4.1, o200k_base",
    "o3, o200k_base",
    "gpt-4-turbo, cl100k_base",
    "gpt-3.5-turbo, cl100k_base",
    "text-embedding-3-small, cl100k_base",
    "mistral-large-2411, o200k_base (stand-in)",
    "olmo, o200k_base (stand-in)",
    "o3000, o200k_base (stand-in)",
    "'', o200k_base (stand-in)",
  })
  void theModelChoosesTheVocabulary(String model, String vocabulary) {
    assertThat(TokenEstimator.vocabulary(model)).isEqualTo(vocabulary);
  }

  @Test
  void aChatRequestCountsItsWordsAndItsFrame() {
    assertThat(estimate(CHAT, HELLO)).isEqualTo(new TokenEstimate(2 + 4 + 3, 0, 256, 4_096));
  }

  @Test
  void anotherModelsVocabularyMakesTheCountUncertain() {
    TokenEstimate estimate = new TokenEstimator("llama").estimate(CHAT, bytes(HELLO));

    assertThat(estimate.uncertainPromptTokens()).isEqualTo(estimate.promptTokens()).isEqualTo(9);
  }

  @Test
  void theModelOfTheBodyGoesBeforeTheJobs() {
    TokenEstimate estimate = estimate(CHAT, HELLO.replaceFirst("\\{", "{\"model\":\"llama\","));

    assertThat(estimate.uncertainPromptTokens()).isEqualTo(9);
  }

  @Test
  void anImageThatCannotBeReadCountsAsASquareOf1024Pixels() {
    String image =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":"
            + "{\"url\":\"data:image/png;base64,"
            + "A".repeat(1_000_000)
            + "\"}}]}]}";

    assertThat(estimate(CHAT, image))
        .isEqualTo(new TokenEstimate(2_833 + 4 * 5_667 + 7, 2_833 + 4 * 5_667, 256, 4_096));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/v1/chat/completions; {\"max_tokens\":10}; 10; 10",
        "/v1/chat/completions; {\"max_completion_tokens\":1000,\"n\":2}; 512; 2000",
        "/v1/responses; {\"input\":\"a\",\"max_output_tokens\":300}; 256; 300",
        "/v1/completions; {\"prompt\":\"a\"}; 16; 16",
        "/v1/completions; {\"prompt\":[\"a\",\"b\"],\"max_tokens\":20,\"n\":3}; 120; 120",
        "/v1/embeddings; {\"input\":[\"a\",\"b\"],\"max_tokens\":20}; 0; 0",
        "/v1/rerank; {\"query\":\"a\"}; 0; 0",
        "/v1/chat/completions; {\"max_tokens\":9223372036854775807,\"n\":3}; 768; 6442450941",
      })
  void completionsFollowTheStatedLimitOrTheDefault(
      String path, String body, long expected, long most) {
    TokenEstimate estimate = estimate(path, body);

    assertThat(estimate.expectedCompletionTokens()).isEqualTo(expected);
    assertThat(estimate.maxCompletionTokens()).isEqualTo(most);
  }

  @Test
  void inputsOfEmbeddingsAddUp() {
    assertThat(estimate("/v1/embeddings", "{\"input\":[\"hello world\",\"hello\"]}").promptTokens())
        .isEqualTo(3);
    assertThat(estimate("/v1/embeddings", "{\"input\":[1,2,3]}").promptTokens()).isEqualTo(3);
  }

  @Test
  void aVeryLongTextIsExtrapolated() {
    String words = "hello world ".repeat(100_000);

    assertThat(estimate("/v1/completions", "{\"prompt\":\"" + words + "\"}").promptTokens())
        .isBetween(195_000L, 205_000L);
  }

  @Test
  void aTextWithoutSpacesIsCountedToo() {
    String letters = "a".repeat(2_000_000);

    assertThat(estimate("/v1/completions", "{\"prompt\":\"" + letters + "\"}").promptTokens())
        .isBetween(100_000L, 1_000_000L);
  }

  @Test
  void namesOfSpecialTokensAreOrdinaryText() {
    String body = "{\"prompt\":\"<|endoftext|>\"}";

    assertThat(estimate("/v1/completions", body).promptTokens()).isGreaterThan(1);
  }

  @Test
  void theQuickEstimateIsAQuarterOfTheBytesRoundedUp() {
    assertThat(TokenEstimator.quick(0)).isEqualTo(1);
    assertThat(TokenEstimator.quick(8)).isEqualTo(2);
    assertThat(TokenEstimator.quick(9)).isEqualTo(3);
  }

  @Test
  void oneEstimatorServesManyThreads() {
    assertThat(IntStream.range(0, 500).parallel().mapToObj(i -> estimate(CHAT, HELLO)).distinct())
        .hasSize(1);
  }

  @Test
  void estimatesAddUpAndScale() {
    TokenEstimate one = new TokenEstimate(10, 2, 3, 5);

    assertThat(one.plus(one)).isEqualTo(one.times(2)).isEqualTo(new TokenEstimate(20, 4, 6, 10));
    assertThat(one.expectedTotal()).isEqualTo(13);
  }

  private TokenEstimate estimate(String path, String body) {
    return estimator.estimate(path, bytes(body));
  }

  private static byte[] bytes(String body) {
    return body.getBytes(StandardCharsets.UTF_8);
  }
}
