package io.batchinfer.engine.lead;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.Plan;
import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is known before the first request of what the models of a job cost. All prices of a job are
 * in one currency; where those of its models are not, none of them counts.
 */
public final class JobPrices {
  private static final String DEFAULT_CURRENCY = "USD";
  private static final int SHOWN = 20;

  private final Pricing pricing;
  private final Plan plan;
  private final SortedSet<String> currencies;
  private final List<PlannedModel> unpriced;

  private JobPrices(
      Pricing pricing, Plan plan, SortedSet<String> currencies, List<PlannedModel> unpriced) {
    this.pricing = pricing;
    this.plan = plan;
    this.currencies = currencies;
    this.unpriced = unpriced;
  }

  /** The prices of the models that the rows of a plan send. */
  public static JobPrices of(PriceTable table, ResolvedOptions options, Plan plan) {
    Optional<String> provider = options.find(EndpointOptions.PROVIDER);
    List<PlannedModel> unpriced = new ArrayList<>();
    SortedSet<String> currencies = new TreeSet<>();
    for (PlannedModel model : models(plan, options)) {
      Optional<ModelPrice> price = table.find(provider, model.name());
      price.ifPresentOrElse(known -> currencies.add(known.currency()), () -> unpriced.add(model));
    }
    Pricing pricing =
        currencies.size() > 1
            ? Pricing.UNKNOWN
            : new Pricing(
                    table, provider, currencies.isEmpty() ? DEFAULT_CURRENCY : currencies.first())
                .withBatchDiscount(options.get(SavingOptions.BATCH_DISCOUNT));
    return new JobPrices(pricing, plan, currencies, unpriced);
  }

  /** Those of the plan; of a plan that an earlier version made, the one of the job. */
  private static List<PlannedModel> models(Plan plan, ResolvedOptions options) {
    List<PlannedModel> listed = plan.models().listed();
    long rows = plan.rows() - plan.invalidRows();
    return listed.isEmpty() && plan.models().unlistedRows() == 0 && rows > 0
        ? List.of(new PlannedModel(options.find(ModelOptions.MODEL).orElse(""), rows, 0, 1))
        : listed;
  }

  /** What the answers cost. */
  public Pricing pricing() {
    return pricing;
  }

  public String currency() {
    return pricing.currency();
  }

  /**
   * Models without a price, the first of them where there are many; the empty name stands for rows
   * that name none.
   */
  public List<String> unpricedModels() {
    return unpriced.stream().limit(SHOWN).map(PlannedModel::name).toList();
  }

  /** What a record says of answers that used so much. */
  Costs costs(Usage usage) {
    return new Costs(known(usage), currency(), unpricedModels());
  }

  /**
   * What answers cost; empty where the price of any is unknown, or where they report nothing by
   * which models of unknown price could be told to be free.
   */
  public Optional<Double> known(Usage usage) {
    boolean allPriced = unpriced.isEmpty() && isComplete();
    return usage.cost().isKnown() && (allPriced || usage.total() > 0)
        ? Optional.of(usage.cost().amount())
        : Optional.empty();
  }

  private boolean isComplete() {
    return currencies.size() <= 1 && plan.models().unlistedRows() == 0;
  }

  /**
   * Refuses a cap on money that could not be held.
   *
   * @param cap as the user knows it
   * @throws BatchException {@link ErrorCode#USAGE} with the models whose price is missing and where
   *     they stand
   */
  public void refuseCap(String cap) {
    if (currencies.size() > 1) {
      throw new BatchException(
          ErrorCode.USAGE,
          "%s cannot be held: the prices of the input's models are in %s, which do not add up. Nothing was sent. Give them in one currency in conf/prices.conf, split the input, or cap with --max-total-tokens."
              .formatted(cap, String.join(" and ", currencies)));
    }
    if (unpriced.isEmpty() && isComplete()) {
      return;
    }
    String models =
        unpriced.stream().limit(SHOWN).map(this::withPlace).collect(Collectors.joining(", "));
    long more =
        unpriced.stream().skip(SHOWN).mapToLong(PlannedModel::rows).sum()
            + plan.models().unlistedRows();
    throw new BatchException(
        ErrorCode.USAGE,
        "%s cannot be held: no price is known for %s%s. Nothing was sent. Add what is missing to conf/prices.conf, or cap with --max-total-tokens."
            .formatted(
                cap,
                models.isEmpty() ? "some models" : models,
                more > 0 ? " and those of %,d more rows".formatted(more) : ""));
  }

  private String withPlace(PlannedModel model) {
    String rows = model.rows() == 1 ? "1 row" : "%,d rows".formatted(model.rows());
    if (model.file() >= plan.files().size()) {
      return "%s (%s)".formatted(shown(model), rows);
    }
    return "%s (%s%s %s:%d)"
        .formatted(
            shown(model),
            rows,
            model.rows() == 1 ? "," : " from",
            plan.files().get(model.file()).path(),
            model.line());
  }

  private static String shown(PlannedModel model) {
    return model.name().isEmpty() ? "(no model named)" : "\"" + model.name() + "\"";
  }
}
