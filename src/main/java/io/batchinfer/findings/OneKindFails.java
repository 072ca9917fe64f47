package io.batchinfer.findings;

import io.batchinfer.course.KindCounts;
import java.util.Optional;
import java.util.stream.Collectors;

/** Rows that have something in common fail, and the others do not. */
final class OneKindFails implements Rule {
  private static final double LEAST_FAILED = 0.01;
  private static final long LEAST = 10;

  @Override
  public String code() {
    return "one_kind_fails";
  }

  @Override
  public String when() {
    return "At least "
        + Words.percent(LEAST_FAILED)
        + " of the rows failed, and no fewer than "
        + LEAST
        + "; "
        + Words.percent(KindContrast.LEAST_PART)
        + " of them or more name the same model, go to the same endpoint path, or have images or tools (or have none), and such rows fail at least %.0f times as often as all others. There are %d rows or more on either side. Rows that were closed with their job do not count."
            .formatted(KindContrast.LEAST_TIMES, KindContrast.LEAST_ROWS);
  }

  @Override
  public String advice() {
    return "See whether the endpoint can do what those rows ask for: whether it serves that model or path, and takes images or tools there. Mend these requests, send them elsewhere, or leave them out.";
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long rows = 0;
    long failed = 0;
    for (KindCounts kind : figures.rows().kinds().values()) {
      rows += kind.rows();
      failed += kind.failed();
    }
    if (failed < LEAST || failed < rows * LEAST_FAILED) {
      return Optional.empty();
    }
    return KindContrast.find(figures.rows().kinds(), KindCounts::failed)
        .flatMap(
            most ->
                found(
                    "%s of the rows %s failed, of all others %s."
                        .formatted(
                            Words.percent(most.share()),
                            most.words(),
                            Words.percent(most.otherShare())),
                    most.counts() + examples(most) + "."));
  }

  private static String examples(KindContrast most) {
    String ids =
        most.examples().stream()
            .filter(id -> !id.isEmpty())
            .limit(3)
            .map("\"%s\""::formatted)
            .collect(Collectors.joining(", "));
    return ids.isEmpty() ? "" : ", such as " + ids;
  }
}
