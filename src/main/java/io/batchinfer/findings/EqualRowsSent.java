package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.model.Amount;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The same was asked, and paid, more than once. */
final class EqualRowsSent implements Rule {
  private static final double LEAST_SHARE = 0.05;
  private static final long LEAST = 20;

  @Override
  public String code() {
    return "equal_rows_sent";
  }

  @Override
  public String when() {
    return "At least "
        + Words.percent(LEAST_SHARE)
        + " of the rows, and no fewer than "
        + LEAST
        + ", ask word for word the same as an earlier row and were sent all the same.";
  }

  @Override
  public String advice() {
    return "Where one answer for all of them will do, have it given to all. Rows with a temperature are not taken for equal unasked, since their answers may be meant to differ.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(SavingOptions.DEDUPE);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long equal = figures.equalRowsSent();
    long rows = figures.job().totalRequests();
    if (equal < LEAST || equal < rows * LEAST_SHARE) {
      return Optional.empty();
    }
    double share = (double) equal / rows;
    return found(
        Words.percent(share)
            + " of the rows ask the same as an earlier one, and were sent and paid for again.",
        String.format(
            Locale.ROOT,
            "%,d of %s%s.",
            equal,
            Amount.of(rows, "row"),
            figures
                .job()
                .cost()
                .map(cost -> "; that part of the cost is about %.4f".formatted(cost * share))
                .orElse("")),
        SavingOptions.DEDUPE);
  }
}
