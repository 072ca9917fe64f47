package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.course.HeldBy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The limit of tokens a minute was what held the run, and it was used. */
final class TokenLimit implements Rule {
  private static final double LEAST_SHARE = 0.5;

  @Override
  public String code() {
    return "token_limit";
  }

  @Override
  public String when() {
    return "The limit of tokens a minute held the run back for at least "
        + Words.percent(LEAST_SHARE)
        + " of its time, and more than "
        + Words.percent(TokenEstimates.MOST_USED)
        + " of it was used.";
  }

  @Override
  public String advice() {
    return "The run was as fast as that limit lets it be. If your account allows more, raise it; otherwise ask for shorter answers, or spread the job over several accounts or servers.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(RateOptions.TOKENS_PER_MINUTE);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    double share = figures.heldShare(HeldBy.TOKENS);
    double used = figures.usedOfTokenLimit();
    if (share < LEAST_SHARE || used <= TokenEstimates.MOST_USED) {
      return Optional.empty();
    }
    return found(
        String.format(
            Locale.ROOT,
            "The limit of %,d tokens a minute held the run for %s of its time.",
            figures.tokensPerMinute(),
            Words.percent(share)),
        "While it did, the answers used " + Words.percent(used) + " of it.",
        RateOptions.TOKENS_PER_MINUTE);
  }
}
