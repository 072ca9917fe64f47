package io.batchinfer.report.page;

import io.batchinfer.model.Amount;
import io.batchinfer.model.Cost;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Usage;
import io.batchinfer.report.page.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a job cost, and what it did not have to pay. */
final class CostPart {
  private static final double THOUSAND = 1e3;
  private static final double MILLION = 1e6;

  private final JobRecord job;

  CostPart(JobRecord job) {
    this.job = job;
  }

  /** Empty where no tokens are known and nothing was saved. */
  Html html() {
    List<Html> parts = new ArrayList<>();
    paid().ifPresent(parts::add);
    saved().ifPresent(parts::add);
    return Parts.grid(parts);
  }

  private Optional<Html> paid() {
    Usage usage = job.counts().usage();
    if (usage.total() == 0) {
      return Optional.empty();
    }
    Table table =
        new Table("What was paid for", List.of(Column.words("What"), Column.number("Figure")));
    table.row(List.of("Prompt tokens", Words.count(usage.promptTokens())));
    row(table, "of these from the endpoint's cache", usage.cachedTokens());
    table.row(List.of("Completion tokens", Words.count(usage.completionTokens())));
    row(table, "of these for reasoning", usage.reasoningTokens());
    job.cost()
        .ifPresent(
            cost -> {
              table.row(List.of("Cost", Words.money(cost, job.currency())));
              if (job.counts().succeeded() > 0) {
                table.row(
                    List.of(
                        "for 1,000 answers",
                        Words.money(cost / job.counts().succeeded() * THOUSAND, job.currency())));
              }
              table.row(
                  List.of(
                      "for 1,000,000 tokens",
                      Words.money(cost / usage.total() * MILLION, job.currency())));
            });
    return Optional.of(Parts.card("Used", says(usage), table.html()));
  }

  private static void row(Table table, String what, long count) {
    if (count > 0) {
      table.row(List.of(what, Words.count(count)));
    }
  }

  private String says(Usage usage) {
    String tokens = "The answers used %s.".formatted(Amount.of(usage.total(), "token"));
    if (job.cost().isPresent()) {
      return tokens
          + " They cost %s by the prices that the run was given."
              .formatted(Words.money(job.cost().get(), job.currency()));
    }
    long unpriced = usage.cost().unpriced();
    return tokens
        + " What they cost is not known: %s no price in conf/prices.conf."
            .formatted(
                unpriced == 0
                    ? "a model has"
                    : Amount.of(
                        unpriced,
                        "answer is of a model that has",
                        "answers are of models that have"));
  }

  private Optional<Html> saved() {
    Table table =
        new Table(
            "What was not paid",
            List.of(Column.words("By"), Column.number("Rows or tokens"), Column.number("Saved")));
    long deduplicated = job.counts().marks().deduplicated();
    long reused = job.counts().marks().reused();
    Cost byBatch = job.counts().saved().batch();
    Usage usage = job.counts().usage();
    if (deduplicated > 0) {
      saving(
          table,
          "Answers of equal rows",
          Amount.of(deduplicated, "row"),
          job.counts().saved().deduplicated());
    }
    if (reused > 0) {
      saving(
          table,
          "Answers of earlier outputs",
          Amount.of(reused, "row"),
          job.counts().saved().reused());
    }
    if (byBatch.billionths() > 0) {
      saving(table, "Prices of the batch service", "", byBatch);
    }
    if (usage.cachedTokens() > 0) {
      saving(
          table,
          "Prompt tokens in the endpoint's cache",
          Amount.of(usage.cachedTokens(), "token"),
          usage.cost().isKnown() ? Cost.of(usage.cacheDiscount()) : Cost.UNKNOWN);
    }
    if (table.isEmpty()) {
      return Optional.empty();
    }
    String says =
        total(job)
            .map(
                all ->
                    "%s were saved: without that the job would have cost %s."
                        .formatted(
                            Words.money(all, job.currency()),
                            Words.money(job.cost().orElse(0.0) + all, job.currency())))
            .orElse("What was saved has no price that is known.");
    return Optional.of(Parts.card("Saved", says, table.html()));
  }

  private void saving(Table table, String by, String count, Cost saved) {
    table.row(
        List.of(
            by,
            count,
            saved.isKnown() ? Words.money(saved.amount(), job.currency()) : "not known"));
  }

  /** What was saved in all; empty where nothing was, or a price is not known. */
  static Optional<Double> total(JobRecord job) {
    Cost all =
        job.counts()
            .saved()
            .deduplicated()
            .plus(job.counts().saved().reused())
            .plus(job.counts().saved().batch())
            .plus(Cost.of(job.counts().usage().cacheDiscount()));
    return all.isKnown() && all.billionths() > 0 && job.cost().isPresent()
        ? Optional.of(all.amount())
        : Optional.empty();
  }
}
