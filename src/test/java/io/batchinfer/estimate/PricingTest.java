package io.batchinfer.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.BilledUnits;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PricingTest {
  private static final PriceTable TABLE =
      PriceTable.parse(
          "prices",
          List.of(
              "a:dear = 10, 30, 1, USD, -, 2026-01-02, s",
              "a:cheap = 0.05, 0.4, USD, -, 2026-01-02, s",
              "a:dated-* = 2, 4, USD, -, 2026-01-02, s",
              "b:dear = 99, 99, USD, -, 2026-01-02, s",
              "a:elsewhere = 1, 1, EUR, -, 2026-01-02, s",
              "a:pages = 0, 0, -, USD, -, 0.004 per page, 2026-01-02, s",
              "a:sounds = 1, 0, -, USD, -, 0.0001 per second, 2026-01-02, s",
              "flat:* = 1, 1, USD, -, 2026-01-02, s"));
  private static final Usage USAGE = new Usage(1_000, 100);

  private final Pricing pricing = new Pricing(TABLE, Optional.empty(), "USD");

  private static ReplyFacts answer(Usage usage, String model) {
    return new ReplyFacts(true, usage, AnswerMarks.NONE, "", "", false, model);
  }

  private static Cost cost(Pricing pricing, String sent, Usage usage, String answered) {
    return pricing.priced(sent, answer(usage, answered)).usage().cost();
  }

  @ParameterizedTest
  @CsvSource({
    "dear, dear, 13000000",
    "cheap, cheap, 90000",
    "dear, cheap, 13000000",
    "cheap, dear, 90000",
    "my-deployment, dear, 13000000",
    "'', cheap, 90000",
    "dated-2026-01-01, '', 2400000",
    "my-deployment, dated-3, 2400000"
  })
  void theRowsModelDecidesAndTheAnswersWhereItHasNoPrice(
      String sent, String answered, long billionths) {
    assertThat(cost(pricing, sent, USAGE, answered)).isEqualTo(new Cost(billionths, 0));
  }

  private Cost cost(String sent, Usage usage, BilledUnits units) {
    return pricing.priced(sent, answer(usage, "").with(units)).usage().cost();
  }

  @Test
  void pagesAndSecondsAreCountedWhereTheModelIsPaidByThem() {
    BilledUnits pages = new BilledUnits(3, 0);
    BilledUnits sound = new BilledUnits(0, 12.5);

    assertThat(cost("pages", Usage.NONE, pages)).isEqualTo(new Cost(12_000_000, 0));
    assertThat(cost("sounds", Usage.NONE, sound)).isEqualTo(new Cost(1_250_000, 0));
    assertThat(cost("sounds", USAGE, sound)).isEqualTo(new Cost(1_250_000 + 1_000_000, 0));
    assertThat(cost("dear", USAGE, sound))
        .as("of a model that is paid by the token, the tokens hold the sound")
        .isEqualTo(new Cost(13_000_000, 0));
    assertThat(cost("dear", Usage.NONE, pages)).isEqualTo(Cost.UNKNOWN);
    assertThat(cost("pages", Usage.NONE, BilledUnits.NONE))
        .as("an answer that does not say how many pages it read")
        .isEqualTo(Cost.UNKNOWN);
    assertThat(cost("dear", Usage.NONE, BilledUnits.NONE)).isEqualTo(Cost.NONE);
  }

  @Test
  void whatHasNoPriceIsCountedAsSuch() {
    assertThat(cost(pricing, "house-model", USAGE, "house-model-v2")).isEqualTo(Cost.UNKNOWN);
    assertThat(cost(pricing, "elsewhere", USAGE, "elsewhere"))
        .as("another currency does not add up")
        .isEqualTo(Cost.UNKNOWN);
    assertThat(cost(pricing, "house-model", Usage.NONE, "")).isEqualTo(Cost.NONE);
  }

  @Test
  void cachedInputHasItsOwnPriceWhereThereIsOne() {
    Usage cached = new Usage(1_000, 100, 600, 0);

    assertThat(cost(pricing, "dear", cached, ""))
        .isEqualTo(new Cost(4_000_000 + 600_000 + 3_000_000, 0));
    assertThat(cost(pricing, "cheap", cached, "")).isEqualTo(new Cost(90_000, 0));
    assertThat(pricing.priced("dear", answer(cached, "")).usage().cacheDiscount())
        .as("600 tokens at a tenth of the price")
        .isEqualTo(6_000_000 - 600_000);
    assertThat(pricing.priced("cheap", answer(cached, "")).usage().cacheDiscount()).isZero();
    assertThat(cost(pricing, "dear", new Usage(10, 0, 1_000_000, 0), ""))
        .as("no more is cached than there is")
        .isEqualTo(new Cost(10_000, 0));
  }

  @Test
  void aNamedProvidersPricesAreAlone() {
    Pricing ofB = new Pricing(TABLE, Optional.of("b"), "USD");
    Pricing flat = new Pricing(TABLE, Optional.of("flat"), "USD");

    assertThat(cost(ofB, "dear", USAGE, "")).isEqualTo(new Cost(108_900_000, 0));
    assertThat(cost(ofB, "cheap", USAGE, "")).isEqualTo(Cost.UNKNOWN);
    assertThat(cost(flat, "", USAGE, "")).isEqualTo(new Cost(1_100_000, 0));
  }

  @Test
  void itReachesAnotherProcessAsText() {
    for (Optional<String> provider : List.of(Optional.<String>empty(), Optional.of("a"))) {
      Pricing there = Pricing.ofText(new Pricing(TABLE, provider, "USD").text());

      assertThat(there.currency()).isEqualTo("USD");
      assertThat(cost(there, "dear", new Usage(1_000, 100, 600, 0), "").billionths())
          .isEqualTo(7_600_000);
      assertThat(there.isPriced("cheap")).isTrue();
      assertThat(there.isPriced("elsewhere")).isFalse();
    }
    assertThat(Pricing.ofText(Pricing.UNKNOWN.text()).isPriced("dear")).isFalse();
  }

  @Test
  void sumsAreExactAndDoNotOverflow() {
    Cost sum = Cost.NONE;
    for (int i = 0; i < 1_000; i++) {
      sum = sum.plus(cost(pricing, "cheap", new Usage(1, 1), ""));
    }

    assertThat(sum).isEqualTo(new Cost(450_000, 0));
    assertThat(sum.amount()).isEqualTo(0.00045);
    assertThat(Cost.of(Long.MAX_VALUE).plus(sum).billionths()).isEqualTo(Long.MAX_VALUE);
    assertThat(sum.plus(Cost.UNKNOWN).isKnown()).isFalse();
  }
}
