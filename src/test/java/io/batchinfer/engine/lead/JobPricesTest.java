package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.PlannedModels;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobPricesTest {
  private static final PriceTable TABLE =
      PriceTable.parse(
          "prices",
          List.of(
              "a:dollars = 1, 2, USD, -, 2026-01-02, s",
              "a:more-dollars = 1, 2, USD, -, 2026-01-02, s",
              "a:euros = 1, 2, EUR, -, 2026-01-02, s"));
  private static final Usage PRICED = new Usage(10, 5).at(Cost.of(20_000));

  private static ResolvedOptions options(Map<String, List<String>> flags) {
    return OptionSources.builder().flags(flags).resolve();
  }

  private static Plan plan(PlannedModels models) {
    InputFile file = new InputFile(0, "file:/in.jsonl", 100, 0, Hash128.ZERO);
    Split split = new Split(0, 0, "file:/in.jsonl", 0, 100, 0, 0, 1, 9, 9, 1, Hash128.ZERO, 0);
    return new Plan(List.of(file), List.of(split), Hash128.ZERO, models);
  }

  private static JobPrices prices(PlannedModel... models) {
    return JobPrices.of(
        TABLE, options(Map.of()), plan(new PlannedModels(Arrays.asList(models), 0)));
  }

  private static PlannedModel model(String name, long rows, long line) {
    return new PlannedModel(name, rows, 0, line);
  }

  @Test
  void aCapIsHeldWhereEveryModelHasAPrice() {
    JobPrices prices = prices(model("dollars", 4, 1), model("more-dollars", 4, 2));

    assertThatCode(() -> prices.refuseCap("--max-cost")).doesNotThrowAnyException();
    assertThat(prices.currency()).isEqualTo("USD");
    assertThat(prices.known(PRICED)).contains(0.00002);
    assertThat(prices.known(Usage.NONE)).contains(0.0);
  }

  @Test
  void whatHasNoPriceIsNamedWithItsPlace() {
    JobPrices prices = prices(model("dollars", 4, 1), model("house", 3, 2), model("", 1, 7));

    assertThatThrownBy(() -> prices.refuseCap("--max-cost"))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("\"house\" (3 rows from file:/in.jsonl:2)")
        .hasMessageContaining("(no model named) (1 row, file:/in.jsonl:7)");
    assertThat(prices.unpricedModels()).containsExactly("house", "");
    assertThat(prices.known(Usage.NONE)).as("it may have used what nobody told").isEmpty();
    assertThat(prices.known(PRICED)).as("the answers name a model that has one").isPresent();
    assertThat(prices.known(PRICED.plus(new Usage(1, 1).at(Cost.UNKNOWN)))).isEmpty();
  }

  @Test
  void pricesInSeveralCurrenciesDoNotAddUp() {
    JobPrices prices = prices(model("dollars", 4, 1), model("euros", 4, 2));

    assertThatThrownBy(() -> prices.refuseCap("--max-cost")).hasMessageContaining("in EUR and USD");
    assertThat(prices.pricing().isPriced("dollars")).isFalse();
  }

  @Test
  void aJobInAnotherCurrencyIsInThat() {
    JobPrices prices = prices(model("euros", 8, 1));

    assertThatCode(() -> prices.refuseCap("--max-cost")).doesNotThrowAnyException();
    assertThat(prices.currency()).isEqualTo("EUR");
  }

  @Test
  void modelsThatAreTooManyToListAreNotTakenForPriced() {
    JobPrices prices =
        JobPrices.of(
            TABLE, options(Map.of()), plan(new PlannedModels(List.of(model("dollars", 4, 1)), 4)));

    assertThatThrownBy(() -> prices.refuseCap("--max-cost"))
        .hasMessageContaining("those of 4 more rows");
  }

  @Test
  void aPlanWithoutModelsIsThatOfTheJobsModel() {
    JobPrices prices =
        JobPrices.of(TABLE, options(Map.of("model", List.of("dollars"))), plan(PlannedModels.NONE));
    JobPrices none = JobPrices.of(TABLE, options(Map.of()), plan(PlannedModels.NONE));

    assertThatCode(() -> prices.refuseCap("--max-cost")).doesNotThrowAnyException();
    assertThatThrownBy(() -> none.refuseCap("--max-cost")).hasMessageContaining("no model named");
  }
}
