package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Usage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlausibleUsageTest {
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private static Usage bounded(Usage stated, String request) {
    byte[] json = request.getBytes(StandardCharsets.UTF_8);
    return PlausibleUsage.bounded(stated, json, json.length, 1_000);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0",
    "12, 34, 5, 6",
    "100000, 128000, 99999, 127000",
  })
  void anOrdinaryUsageStays(long prompt, long completion, long cached, long reasoning) {
    Usage usage = new Usage(prompt, completion, cached, reasoning);
    assertThat(bounded(usage, CHAT)).isSameAs(usage);
  }

  @ParameterizedTest
  @ValueSource(longs = {4_294_967_295L, Long.MAX_VALUE, 300_000})
  void aSenselessUsageIsCutDown(long senseless) {
    Usage bounded = bounded(new Usage(senseless, senseless, senseless, senseless), CHAT);

    assertThat(bounded.promptTokens()).isEqualTo(CHAT.length() + PlausibleUsage.HIDDEN);
    assertThat(bounded.completionTokens()).isEqualTo(1_000 + PlausibleUsage.HIDDEN);
    assertThat(bounded.cachedTokens()).isEqualTo(bounded.promptTokens());
    assertThat(bounded.reasoningTokens()).isEqualTo(bounded.completionTokens());
  }

  @Test
  void detailsAreNoMoreThanTheWhole() {
    assertThat(bounded(new Usage(10, 20, 11, 21), CHAT)).isEqualTo(new Usage(10, 20, 10, 20));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://h/a.png\"}}]}]}",
        "{\"input\":\"x\",\"previous_response_id\":\"r\"}",
        "{\"input\":\"x\",\"tools\":[{\"type\":\"web_search\"}]}",
        "{\"prompt\":{\"id\":\"p\"}}",
        "{\"messages\":[{\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"JVBERi0\"}}]}]}",
      })
  void whatARequestRefersToCounts(String request) {
    Usage large = new Usage(5_000_000, 10);
    assertThat(bounded(large, request)).isSameAs(large);
    assertThat(bounded(new Usage(Long.MAX_VALUE, 10), request).promptTokens())
        .isEqualTo(request.length() + PlausibleUsage.LARGEST_CONTEXT);
  }

  @Test
  void aFormOfFilesIsNotMeasuredByItsFields() {
    Usage large = new Usage(5_000_000, 10);
    assertThat(PlausibleUsage.bounded(large, new byte[0], 20_000, 100)).isSameAs(large);
  }

  @Test
  void whatARequestAllowsCounts() {
    Usage eight = new Usage(10, 8 * 200_000);
    assertThat(bounded(eight, "{\"n\":8,\"max_tokens\":200000}")).isSameAs(eight);
    Usage one = new Usage(10, 400_000);
    assertThat(bounded(one, "{\"max_completion_tokens\":400000,\"n\":null}")).isSameAs(one);
    assertThat(bounded(one, "{\"messages\":[{\"n\":9}]}").completionTokens())
        .isEqualTo(1_000 + PlausibleUsage.HIDDEN);
    assertThat(
            bounded(new Usage(10, Long.MAX_VALUE), "{\"n\":2147483647,\"max_tokens\":2147483647}")
                .completionTokens())
        .isEqualTo(1_000 + PlausibleUsage.LARGEST_CONTEXT);
    assertThat(bounded(one, "no json").completionTokens()).isEqualTo(1_000 + PlausibleUsage.HIDDEN);
  }
}
