package io.batchinfer.findings;

import io.batchinfer.course.HeldBy;
import java.util.Locale;
import java.util.Optional;

/** Rows were held back for tokens that their answers did not use. */
final class TokenEstimates implements Rule {
  private static final double LEAST_SHARE = 0.25;

  /** A rate that is planned well is used to 95 % and more, with estimates off by far as well. */
  static final double MOST_USED = 0.6;

  @Override
  public String code() {
    return "token_estimates";
  }

  @Override
  public String when() {
    return "The limit of tokens a minute held the run back for at least "
        + Words.percent(LEAST_SHARE)
        + " of its time, and no more than "
        + Words.percent(MOST_USED)
        + " of it was used meanwhile.";
  }

  @Override
  public String advice() {
    return "A row is charged, before it is answered, with the most tokens that it allows. Set max_tokens in the requests nearer to what the answers need; some endpoints charge by it too.";
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    double share = figures.heldShare(HeldBy.TOKENS);
    double used = figures.usedOfTokenLimit();
    if (share < LEAST_SHARE || used <= 0 || used > MOST_USED) {
      return Optional.empty();
    }
    return found(
        String.format(
            Locale.ROOT,
            "The limit of %,d tokens a minute held the run for %s of its time, though its answers used only %s of it.",
            figures.tokensPerMinute(),
            Words.percent(share),
            Words.percent(used)),
        "Rows were charged with "
            + Words.times(1 / used)
            + " the tokens that they used in the end.");
  }
}
