package io.batchinfer.findings;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.course.HeldBy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Requests could have gone out, and no row was ready. */
final class RowsNotReady implements Rule {
  private static final double LEAST_SHARE = 0.4;

  @Override
  public String code() {
    return "rows_not_ready";
  }

  @Override
  public String when() {
    return "For at least "
        + Words.percent(LEAST_SHARE)
        + " of the run's time more requests could have been under way, and none was ready to go, though the job still had rows.";
  }

  @Override
  public String advice() {
    return "A worker has up to eight splits open. Where a split has few rows, larger ones keep more of them under way; where the input has few splits, smaller ones let more workers read at once. More executors or cores read faster, as does input that lies nearer.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(InputOutputOptions.SPLIT_BYTES);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    double share = figures.heldShare(HeldBy.ROWS);
    if (share < LEAST_SHARE) {
      return Optional.empty();
    }
    int splits = figures.sketchedSplits();
    return found(
        "For "
            + Words.percent(share)
            + " of its time the run could have sent more, and no row was ready to go.",
        "That was "
            + Words.time(figures.held(HeldBy.ROWS))
            + " while rows of the job were open"
            + (splits == 0
                ? "."
                : String.format(
                    Locale.ROOT,
                    "; a split had %,.1f rows on average.",
                    (double) figures.rows().rows() / splits)),
        InputOutputOptions.SPLIT_BYTES);
  }
}
