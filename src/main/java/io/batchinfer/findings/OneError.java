package io.batchinfer.findings;

import io.batchinfer.model.Amount;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Most failures have one cause. */
final class OneError implements Rule {
  private static final double LEAST_FAILED = 0.01;
  private static final long LEAST = 10;

  /** The rest may be anything. */
  private static final double LEAST_OF_ONE_CODE = 0.8;

  @Override
  public String code() {
    return "one_error";
  }

  @Override
  public String when() {
    return "At least "
        + Words.percent(LEAST_FAILED)
        + " of the rows failed, and no fewer than "
        + LEAST
        + ", and one error is behind "
        + Words.percent(LEAST_OF_ONE_CODE)
        + " of them or more. Rows that were closed with their job do not count.";
  }

  @Override
  public String advice() {
    return "One cause is behind them all: look at a few with \"batchinfer results OUT --errors\", mend the requests or the server, and send them again with --retry-failed.";
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long failed = 0;
    Map.Entry<String, Long> most = Map.entry("", 0L);
    for (Map.Entry<String, Long> error : figures.counts().errors().entrySet()) {
      if (ErrorCode.find(error.getKey()).map(ErrorCode::isProvisional).orElse(false)) {
        continue;
      }
      failed += error.getValue();
      most = error.getValue() > most.getValue() ? error : most;
    }
    long settled = figures.counts().settled();
    if (failed < LEAST
        || failed < settled * LEAST_FAILED
        || most.getValue() < failed * LEAST_OF_ONE_CODE) {
      return Optional.empty();
    }
    return found(
        String.format(
            Locale.ROOT,
            "%s of the rows failed, nearly all with the same error, %s.",
            Words.percent((double) failed / settled),
            most.getKey()),
        String.format(
            Locale.ROOT,
            "%,d of %s%s.",
            most.getValue(),
            Amount.of(failed, "failed row"),
            example(figures, most.getKey())));
  }

  private static String example(Figures figures, String code) {
    return figures.rows().examples().getOrDefault(code, List.of()).stream()
        .findFirst()
        .map(row -> ", such as \"%s\": %s".formatted(row.customId(), row.message()))
        .orElse("");
  }
}
