package io.batchinfer.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceTableTest {
  private final PriceTable shipped = PriceTable.load(null);

  @Test
  void aKnownModelHasItsPriceWithDateAndSource() {
    ModelPrice price = shipped.find(Optional.of("openai"), "gpt-4o-mini").orElseThrow();

    assertThat(price.inputPerMillion()).isEqualByComparingTo("0.15");
    assertThat(price.outputPerMillion()).isEqualByComparingTo("0.60");
    assertThat(price.currency()).isEqualTo("USD");
    assertThat(price.batchDiscount()).contains(new BigDecimal("0.5"));
    assertThat(price.asOf()).isEqualTo(LocalDate.of(2025, 8, 31));
    assertThat(price.source()).isEqualTo("OpenAI price list");
    assertThat(shipped.find(Optional.empty(), "gpt-4o-mini")).contains(price);
  }

  @Test
  void anUnknownModelHasNone() {
    assertThat(shipped.find(Optional.empty(), "gpt-4o-mini-audio-preview")).isEmpty();
    assertThat(shipped.find(Optional.empty(), "")).isEmpty();
    assertThat(shipped.find(Optional.of("vllm"), "gpt-4o-mini")).isEmpty();
  }

  @Test
  void predibaseIsFlatForEveryModelOfItsOwn() {
    ModelPrice flat = shipped.find(Optional.of("predibase"), "my-adapter/3").orElseThrow();

    assertThat(flat.cost(1_000_000, 1_000_000)).isEqualByComparingTo("1.00");
    assertThat(shipped.find(Optional.of("predibase"), "")).contains(flat);
    assertThat(shipped.find(Optional.empty(), "my-adapter/3")).isEmpty();
  }

  @Test
  void theShippedListIsTheOneOfTheFolder() {
    assertThat(PriceTable.load(Path.of("conf")).size()).isEqualTo(shipped.size()).isPositive();
  }

  @Test
  void theFirstLineThatMatchesHolds(@TempDir Path conf) throws IOException {
    Files.writeString(
        conf.resolve("prices.conf"),
        "x:a.b* = 1, 2, EUR, -, 2026-01-02, me, myself\nx:a* = 3, 4, USD, -, 2026-01-02, me\n");
    PriceTable table = PriceTable.load(conf);

    ModelPrice first = table.find(Optional.of("x"), "a.bc").orElseThrow();
    assertThat(first.currency()).isEqualTo("EUR");
    assertThat(first.source()).isEqualTo("me, myself");
    assertThat(table.find(Optional.of("x"), "axbc").orElseThrow().currency()).isEqualTo("USD");
  }

  @Test
  void everyMistakeIsNamedWithItsLine() {
    List<String> lines =
        List.of(
            "a = 1, 2, USD, -, 2026-01-02, s",
            "x:a = 1, 2, USD, -, s",
            "x:a = -1, 2, USD, -, 2026-01-02, s",
            "x:a = 1, 2, DOLLARS, -, 2026-01-02, s",
            "x:a = 1, 2, USD, -, soon, s",
            "x:a = 1, 2, USD, -, 2026-01-02, s");

    assertThatThrownBy(() -> PriceTable.parse("p.conf", lines))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .message()
        .contains("p.conf:1 ", "p.conf:2 ", "p.conf:3 ", "p.conf:4 ", "p.conf:5 ")
        .contains("write provider:model = input")
        .doesNotContain("p.conf:6");
  }

  @Test
  void cachedInputHasAColumnThatMayBeLeftOut() {
    PriceTable table =
        PriceTable.parse(
            "p.conf",
            List.of(
                "x:old = 1, 2, USD, -, 2026-01-02, me, myself",
                "x:open = 1, 2, -, USD, 0.5, 2026-01-02, me, myself",
                "x:cached = 1, 2, 0.1, USD, 0.5, 2026-01-02, me, myself"));

    assertThat(table.find(Optional.empty(), "old").orElseThrow().cachedPerMillion()).isEmpty();
    assertThat(table.find(Optional.empty(), "open").orElseThrow().cachedPerMillion()).isEmpty();
    assertThat(table.find(Optional.empty(), "cached").orElseThrow().cachedPerMillion())
        .contains(new BigDecimal("0.1"));
    for (String model : List.of("old", "open", "cached")) {
      assertThat(table.find(Optional.empty(), model).orElseThrow().source())
          .isEqualTo("me, myself");
    }
  }

  @Test
  void theLinesOfAProviderReadBackToTheSamePrices() {
    PriceTable again = PriceTable.parse("again", shipped.lines(Optional.of("openai")));

    assertThat(again.size()).isBetween(1, shipped.size() - 1);
    for (String model : List.of("gpt-5", "gpt-4o", "text-embedding-3-small")) {
      assertThat(again.find(Optional.of("openai"), model))
          .isPresent()
          .isEqualTo(shipped.find(Optional.of("openai"), model));
    }
    assertThat(again.find(Optional.of("predibase"), "any")).isEmpty();
  }

  @Test
  void costIsExact() {
    ModelPrice price = shipped.find(Optional.of("openai"), "gpt-4o").orElseThrow();

    assertThat(price.cost(1, 1)).isEqualByComparingTo("0.0000125");
    assertThat(price.cost(0, 0)).isZero();
  }

  @Test
  void anEstimateSpansShortAnswersAndFullOnes() {
    ModelPrice price = shipped.find(Optional.of("predibase"), "m").orElseThrow();
    TokenEstimate tokens = new TokenEstimate(10_000_000, 5_000_000, 4_000_000, 8_000_000);

    CostEstimate cost = CostEstimate.of(tokens, price);

    assertThat(cost.low()).isEqualByComparingTo("5.00");
    assertThat(cost.expected()).isEqualByComparingTo("7.00");
    assertThat(cost.high()).isEqualByComparingTo("9.50");
    assertThat(cost.currency()).isEqualTo("USD");
  }
}
