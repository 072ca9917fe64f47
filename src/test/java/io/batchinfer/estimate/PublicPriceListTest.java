package io.batchinfer.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.estimate.PublicPriceList.Converted;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublicPriceListTest {
  private static final LocalDate DAY = LocalDate.of(2026, 9, 23);

  private static Converted convert(String json) throws IOException {
    return PublicPriceList.convert(json.getBytes(StandardCharsets.UTF_8), DAY);
  }

  private static ModelPrice price(Converted list, String provider, String model) {
    return PriceTable.parse("list", list.lines()).find(Optional.of(provider), model).orElseThrow();
  }

  @Test
  void genaiPricesBecomeLinesThatAreRead() throws IOException {
    Converted list =
        convert(
            """
            [{"id":"openai","models":[
              {"id":"a","match":{"or":[{"equals":"gpt-a"},{"starts_with":"gpt-a-2"}]},
               "prices":{"input_mtok":1.25,"cache_read_mtok":0.125,"output_mtok":10}},
              {"id":"tiered","match":{"equals":"long"},
               "prices":{"input_mtok":{"base":3,"tiers":[{"start":200000,"price":6}]},"output_mtok":{"base":15,"tiers":[]}}},
              {"id":"r","match":{"regex":"^x\\\\d"},"prices":{"input_mtok":1}},
              {"id":"f","match":{"and":[{"starts_with":"y"},{"regex":"^(?!.*-tts)"}]},"prices":{"input_mtok":2}},
              {"id":"g","match":{"and":[{"starts_with":"z"},{"regex":"1$"}]},"prices":{"input_mtok":2}},
              {"id":"n","match":{"equals":"picture"},"prices":{"output_image_mtok":1}},
              {"id":"pages","match":{"equals":"ocr"},"prices":{"input_document_kpages":4}},
              {"id":"hours","match":{"equals":"whisper-1"},"prices":{"input_audio_hours":0.36}}]},
             {"id":"google","models":[
              {"id":"e","match":{"contains":"embed"},"prices":{"input_mtok":0.15}}]}]
            """);

    assertThat(list.lines())
        .containsExactly(
            "openai:gpt-a = 1.25, 10, 0.125, USD, 0.5, 2026-09-23, genai-prices",
            "openai:gpt-a-2* = 1.25, 10, 0.125, USD, 0.5, 2026-09-23, genai-prices",
            "openai:long = 3, 15, -, USD, 0.5, 2026-09-23, genai-prices",
            "openai:~^x\\d = 1, 0, -, USD, 0.5, 2026-09-23, genai-prices",
            "openai:~^(?!.*-tts)\\Qy\\E = 2, 0, -, USD, 0.5, 2026-09-23, genai-prices",
            "openai:ocr = 0, 0, -, USD, 0.5, 0.004 per page, 2026-09-23, genai-prices",
            "openai:whisper-1 = 0, 0, -, USD, -, 0.0001 per second, 2026-09-23, genai-prices",
            "gemini:*embed* = 0.15, 0, -, USD, 0.5, 2026-09-23, genai-prices");
    assertThat(list.leftOut()).isEqualTo(2);
    assertThat(list.hosts()).isEmpty();
    assertThat(price(list, "openai", "x7").inputPerMillion()).isEqualByComparingTo("1");
    assertThat(price(list, "openai", "y-1").inputPerMillion()).isEqualByComparingTo("2");
    PriceTable table = PriceTable.parse("list", list.lines());
    assertThat(table.find(Optional.of("openai"), "y-tts-1")).isEmpty();
    assertThat(table.find(Optional.of("openai"), "ocr").orElseThrow().perPage())
        .contains(new BigDecimal("0.004"));
    assertThat(price(list, "openai", "gpt-a-2026").cachedPerMillion())
        .contains(new BigDecimal("0.125"));
    assertThat(price(list, "gemini", "text-embed-4").inputPerMillion())
        .isEqualByComparingTo("0.15");
  }

  @Test
  void ofPricesThatChangeTheOneOfTheDayIsTaken() throws IOException {
    String list =
        """
        [{"id":"p","models":[{"id":"m","match":{"equals":"m"},"prices":[
          {"prices":{"input_mtok":5}},
          {"constraint":{"start_date":"%s"},"prices":{"input_mtok":4}},
          {"constraint":{"start_time":"16:30","end_time":"00:30"},"prices":{"input_mtok":2}}]}]}]
        """;

    assertThat(price(convert(list.formatted("2026-09-23")), "p", "m").inputPerMillion())
        .isEqualByComparingTo("4");
    assertThat(price(convert(list.formatted("2026-09-24")), "p", "m").inputPerMillion())
        .isEqualByComparingTo("5");
  }

  @Test
  void theMapOfLiteLlmBecomesLinesWithBatchDiscounts() throws IOException {
    Converted list =
        convert(
            """
            {"sample_spec":{"mode":"one of"},
             "gpt-a":{"litellm_provider":"openai","input_cost_per_token":1.25e-06,"output_cost_per_token":1e-05,
               "cache_read_input_token_cost":1.25e-07,"input_cost_per_token_batches":6.25e-07},
             "together_ai/meta/b":{"litellm_provider":"together_ai","input_cost_per_token":8.8e-07,"output_cost_per_token":8.8e-07},
             "whisper":{"litellm_provider":"openai","input_cost_per_second":0.0001},
             "mistral/ocr":{"litellm_provider":"mistral","ocr_cost_per_page":0.002},
             "picture":{"litellm_provider":"openai","output_cost_per_image":0.04}}
            """);

    assertThat(list.lines())
        .containsExactly(
            "openai:gpt-a = 1.25, 10, 0.125, USD, 0.5, 2026-09-23, LiteLLM",
            "together:meta/b = 0.88, 0.88, -, USD, -, 2026-09-23, LiteLLM",
            "openai:whisper = 0, 0, -, USD, -, 0.0001 per second, 2026-09-23, LiteLLM",
            "mistral:ocr = 0, 0, -, USD, -, 0.002 per page, 2026-09-23, LiteLLM");
    assertThat(list.leftOut()).isEqualTo(2);
    assertThat(list.hosts()).contains("only-with-provider = together");
    assertThat(price(list, "together", "meta/b").outputPerMillion()).isEqualByComparingTo("0.88");
  }

  @Test
  void whatIsNoListIsRefused() {
    assertThatThrownBy(() -> convert("[1, 2]"))
        .hasMessageContaining("neither an array of providers");
    assertThatThrownBy(() -> convert("{}")).hasMessageContaining("neither an array of providers");
    assertThatThrownBy(() -> convert("{\"a\":{}}")).hasMessageContaining("no model in it");
    assertThatThrownBy(() -> convert("<html>")).hasMessageContaining("it is no JSON");
  }
}
