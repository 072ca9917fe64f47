package io.batchinfer.estimate;

import io.batchinfer.model.BilledUnits;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the answers of a run cost. The model that the row sends decides; where it has no price, such
 * as the name of somebody's own deployment, the one that the answer names. Prices in another
 * currency than the run's are taken for unknown, since they do not add up. Thread-safe; costs one
 * look-up a row.
 */
public final class Pricing {
  /** Models of which it is remembered what they cost; a name is whatever a row says. */
  private static final int MOST_REMEMBERED = 10_000;

  /** Billionths per token in a price per million. */
  private static final int SCALE = 3;

  private static final int BILLIONTHS = 9;

  /** That of a run for which no price is known. */
  public static final Pricing UNKNOWN =
      new Pricing(PriceTable.parse("", List.of()), Optional.empty(), "USD");

  private final PriceTable table;
  private final Optional<String> provider;
  private final String currency;
  private final double usualDiscount;
  private final boolean ofBatches;
  private final Map<String, Optional<Rates>> remembered = new ConcurrentHashMap<>();

  /**
   * @param provider name of the provider's profile, if one is named
   * @param currency ISO 4217 code of the run's currency
   */
  public Pricing(PriceTable table, Optional<String> provider, String currency) {
    this(table, provider, currency, 0, false);
  }

  private Pricing(
      PriceTable table,
      Optional<String> provider,
      String currency,
      double usualDiscount,
      boolean ofBatches) {
    this.table = table;
    this.provider = provider;
    this.currency = currency;
    this.usualDiscount = usualDiscount;
    this.ofBatches = ofBatches;
  }

  /**
   * The same, with what a provider's batch service takes off where the price list does not say.
   *
   * @param discount share of the price, from 0 to 1
   */
  public Pricing withBatchDiscount(double discount) {
    return new Pricing(table, provider, currency, discount, ofBatches);
  }

  /** The prices of the provider's batch service. */
  public Pricing ofBatches() {
    return new Pricing(table, provider, currency, usualDiscount, true);
  }

  /** Billionths of the currency's unit for a token, a page and a second of audio. */
  private record Rates(
      double input, double output, double cached, OptionalDouble page, OptionalDouble second) {
    static Rates of(ModelPrice price, double share) {
      double input = share * price.inputPerMillion().movePointRight(SCALE).doubleValue();
      return new Rates(
          input,
          share * price.outputPerMillion().movePointRight(SCALE).doubleValue(),
          price
              .cachedPerMillion()
              .map(each -> share * each.movePointRight(SCALE).doubleValue())
              .orElse(input),
          ofOne(price.perPage(), share),
          ofOne(price.perSecond(), share));
    }

    private static OptionalDouble ofOne(Optional<BigDecimal> price, double share) {
      return price
          .map(each -> OptionalDouble.of(share * each.movePointRight(BILLIONTHS).doubleValue()))
          .orElse(OptionalDouble.empty());
    }

    boolean countsMoreThanTokens() {
      return page.isPresent() || second.isPresent();
    }

    Cost cost(ReplyFacts facts) {
      Usage usage = facts.usage();
      BilledUnits units = facts.units();
      // Units without a price of their own are in the tokens, where there are any.
      boolean unknown =
          countsMoreThanTokens()
              ? !(page.isPresent() && units.pages() > 0)
                  && !(second.isPresent() && units.audioSeconds() > 0)
              : usage.total() <= 0;
      if (unknown) {
        return Cost.UNKNOWN;
      }
      long cachedTokens = cachedTokens(usage);
      return Cost.of(
          Math.round(
              (usage.promptTokens() - cachedTokens) * input
                  + cachedTokens * cached
                  + usage.completionTokens() * output
                  + units.pages() * page.orElse(0)
                  + units.audioSeconds() * second.orElse(0)));
    }

    private static long cachedTokens(Usage usage) {
      return Math.min(usage.cachedTokens(), usage.promptTokens());
    }

    /** What the cached tokens would have cost more, in billionths. */
    long cacheDiscount(Usage usage) {
      return Math.max(0, Math.round(cachedTokens(usage) * (input - cached)));
    }
  }

  public String currency() {
    return currency;
  }

  /** Whether it is known what a model costs, in the currency of the run. */
  public boolean isPriced(String model) {
    return rates(model).isPresent();
  }

  /**
   * What an answer says, with what it costs. An answer that reports nothing costs nothing, unless
   * it is a success of a model that is paid by the page or the second: nobody knows what that
   * costs.
   *
   * @param sent the model that the row sends, or empty
   */
  public ReplyFacts priced(String sent, ReplyFacts facts) {
    Usage usage = facts.usage();
    Optional<Rates> rates = rates(sent);
    if (rates.isEmpty()) {
      rates = rates(facts.model());
    }
    boolean reported = usage.total() > 0 || facts.units().isSome();
    boolean paidOtherwise =
        facts.json() && !facts.isError() && rates.filter(Rates::countsMoreThanTokens).isPresent();
    return reported || paidOtherwise
        ? facts.with(
            usage
                .at(rates.map(known -> known.cost(facts)).orElse(Cost.UNKNOWN))
                .withCacheDiscount(rates.map(known -> known.cacheDiscount(usage)).orElse(0L)))
        : facts;
  }

  /** What so many tokens of a model cost; unknown where the model has no price. */
  public Cost priced(String model, long promptTokens, long completionTokens) {
    return rates(model)
        .map(rates -> rates.cost(ofTokens(promptTokens, completionTokens)))
        .orElse(Cost.UNKNOWN);
  }

  private static ReplyFacts ofTokens(long promptTokens, long completionTokens) {
    return new ReplyFacts(true, new Usage(promptTokens, completionTokens), "", "");
  }

  private Optional<Rates> rates(String model) {
    Optional<Rates> known = remembered.get(model);
    if (known != null) {
      return known;
    }
    Optional<Rates> found =
        table
            .find(provider, model)
            .filter(price -> price.currency().equals(currency))
            .map(price -> Rates.of(price, share(price)));
    if (remembered.size() < MOST_REMEMBERED) {
      remembered.put(model, found);
    }
    return found;
  }

  /** The part of a model's price that is paid. */
  private double share(ModelPrice price) {
    return ofBatches
        ? 1 - price.batchDiscount().map(BigDecimal::doubleValue).orElse(usualDiscount)
        : 1;
  }

  /** Itself as text, without the prices of other providers, for another process. */
  public String text() {
    List<String> lines =
        new ArrayList<>(List.of(currency, provider.orElse(""), Double.toString(usualDiscount)));
    lines.addAll(table.lines(provider));
    return String.join("\n", lines);
  }

  /** Reads what {@link #text} wrote. */
  public static Pricing ofText(String text) {
    List<String> lines = List.of(text.split("\n", -1));
    String provider = lines.get(1);
    return new Pricing(
            PriceTable.ofLines(lines.subList(3, lines.size())),
            provider.isEmpty() ? Optional.empty() : Optional.of(provider),
            lines.get(0))
        .withBatchDiscount(Double.parseDouble(lines.get(2)));
  }
}
