package io.batchinfer.findings;

import io.batchinfer.course.KindCounts;
import io.batchinfer.model.Amount;
import java.util.Locale;
import java.util.Optional;

/**
 * Answers ended at their token limit, and were paid for. Rows that have the answer of another row
 * or of an earlier output count on both sides: they are marked as that answer is.
 */
final class CutOffAnswers implements Rule {
  private static final double LEAST_SHARE = 0.05;
  private static final long LEAST = 10;

  @Override
  public String code() {
    return "cut_off_answers";
  }

  @Override
  public String when() {
    return "At least "
        + Words.percent(LEAST_SHARE)
        + " of the answers, and no fewer than "
        + LEAST
        + ", were cut off by their token limit (finish_reason length).";
  }

  @Override
  public String advice() {
    return "Allow more tokens in the requests (max_tokens, max_completion_tokens or max_output_tokens), or ask for shorter answers. What was cut off has been paid for: look at a few with \"batchinfer results OUT\" before the next run.";
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    long cut = figures.counts().marks().truncated();
    long answers = figures.counts().succeeded();
    double share = answers == 0 ? 0 : (double) cut / answers;
    if (cut < LEAST || share < LEAST_SHARE) {
      return Optional.empty();
    }
    return found(
        Words.percent(share) + " of the answers were cut off by their token limit.",
        String.format(
            Locale.ROOT,
            "%,d of %s, finish_reason length%s.",
            cut,
            Amount.of(answers, "answer"),
            KindContrast.find(figures.rows().kinds(), KindCounts::cutOff)
                .map(most -> "; most are %s: %s".formatted(most.words(), most.counts()))
                .orElse("")));
  }
}
