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
    assertThat(price.cachedPerMillion()).contains(new BigDecimal("0.075"));
    assertThat(price.asOf()).isEqualTo(LocalDate.of(2026, 9, 23));
    assertThat(price.source()).isEqualTo("genai-prices");
    assertThat(shipped.find(Optional.empty(), "gpt-4o-mini")).contains(price);
  }

  @Test
  void anUnknownModelHasNone() {
    assertThat(shipped.find(Optional.empty(), "house-model")).isEmpty();
    assertThat(shipped.find(Optional.empty(), "")).isEmpty();
    assertThat(shipped.find(Optional.of("vllm"), "gpt-4o-mini")).isEmpty();
  }

  @Test
  void theShippedListHasPricesOfPagesAndSoundsAndOfThoseWhoServeModelsOfOthers() {
    assertThat(shipped.size()).isGreaterThan(2_000);
    assertThat(shipped.find(Optional.of("mistral"), "mistral-ocr-latest").orElseThrow().perPage())
        .contains(new BigDecimal("0.004"));
    assertThat(shipped.find(Optional.of("openai"), "whisper-1").orElseThrow().perSecond())
        .contains(new BigDecimal("0.0001"));
    assertThat(shipped.find(Optional.of("together"), "meta-llama/Llama-3.3-70B-Instruct-Turbo"))
        .isPresent();
    assertThat(shipped.find(Optional.empty(), "meta-llama/Llama-3.3-70B-Instruct-Turbo"))
        .as("a server of one's own may have it under the same name")
        .isEmpty();
    assertThat(shipped.find(Optional.of("anthropic"), "claude-sonnet-4-5").orElseThrow().source())
        .isEqualTo("genai-prices");
  }

  @Test
  void everyModelThatEarlierListsPricedHasAPrice() {
    for (String model :
        List.of(
            "gpt-5",
            "gpt-5-2025-08-07",
            "gpt-5-mini-2025-08-07",
            "gpt-5-nano-2025-08-07",
            "gpt-4.1",
            "gpt-4.1-mini-2025-04-14",
            "gpt-4.1-nano",
            "gpt-4o-2024-11-20",
            "gpt-4o-mini-2024-07-18",
            "o3",
            "o4-mini",
            "gpt-3.5-turbo",
            "text-embedding-3-small",
            "text-embedding-3-large",
            "text-embedding-ada-002",
            "mistral-large-2411",
            "mistral-medium-2505",
            "mistral-small-2503",
            "ministral-8b-2410",
            "ministral-3b-2410")) {
      assertThat(shipped.find(Optional.empty(), model)).as(model).isPresent();
    }
  }

  @Test
  void providersThatServeModelsOfOthersCountOnlyWhereTheyAreNamed() {
    PriceTable table =
        PriceTable.parse(
            "p.conf",
            List.of(
                "only-with-provider = host, other",
                "host:m = 1, 1, USD, -, 2026-01-02, s",
                "maker:m = 2, 2, USD, -, 2026-01-02, s",
                "host:only = 3, 3, USD, -, 2026-01-02, s"));

    assertThat(table.find(Optional.of("host"), "m").orElseThrow().inputPerMillion())
        .isEqualByComparingTo("1");
    assertThat(table.find(Optional.empty(), "m").orElseThrow().inputPerMillion())
        .isEqualByComparingTo("2");
    assertThat(table.find(Optional.empty(), "only")).isEmpty();
    assertThat(table.lines(Optional.empty())).hasSize(1);
  }

  @Test
  void aLineForOneNameAndOneForManyHoldInTheOrderOfTheList() {
    PriceTable table =
        PriceTable.parse(
            "p.conf",
            List.of(
                "x:b = 1, 1, USD, -, 2026-01-02, s",
                "x:b* = 2, 2, USD, -, 2026-01-02, s",
                "x:bc = 3, 3, USD, -, 2026-01-02, s",
                "x:~^d[0-9]$ = 4, 4, 0.1, USD, 0.5, 0.01 per page, 0.02 per second, 2026-01-02, s"));

    assertThat(table.find(Optional.of("x"), "b").orElseThrow().inputPerMillion())
        .isEqualByComparingTo("1");
    assertThat(table.find(Optional.of("x"), "bc").orElseThrow().inputPerMillion())
        .isEqualByComparingTo("2");
    assertThat(table.find(Optional.of("x"), "ab")).isEmpty();
    assertThat(table.find(Optional.of("x"), "d12")).isEmpty();
    ModelPrice units = table.find(Optional.of("x"), "d1").orElseThrow();
    assertThat(units.perPage()).contains(new BigDecimal("0.01"));
    assertThat(units.perSecond()).contains(new BigDecimal("0.02"));
    assertThat(
            PriceTable.parse("again", table.lines(Optional.of("x"))).find(Optional.of("x"), "d1"))
        .contains(units);
  }

  @Test
  void predibaseIsFlatForEveryModelOfItsOwn() {
    ModelPrice flat = shipped.find(Optional.of("predibase"), "my-adapter/3").orElseThrow();

    assertThat(flat.cost(1_000_000, 1_000_000)).isEqualByComparingTo("1.00");
    assertThat(shipped.find(Optional.of("predibase"), "")).contains(flat);
    assertThat(shipped.find(Optional.empty(), "my-adapter/3")).isEmpty();
  }

  @Test
  void everyLineOfTheShippedListCanBeRead() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("conf/prices.conf"));

    assertThat(PriceTable.parse("conf/prices.conf", lines).size()).isEqualTo(shipped.size());
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
            "x:~( = 1, 2, USD, -, 2026-01-02, s",
            "x:a = 1, 2, USD, -, much per page, 2026-01-02, s",
            "x:a = 1, 2, USD, -, 2026-01-02, s");

    assertThatThrownBy(() -> PriceTable.parse("p.conf", lines))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .message()
        .contains(
            "p.conf:1 ",
            "p.conf:2 ",
            "p.conf:3 ",
            "p.conf:4 ",
            "p.conf:5 ",
            "p.conf:6 ",
            "p.conf:7 ")
        .contains("write provider:model = input")
        .doesNotContain("p.conf:8");
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
