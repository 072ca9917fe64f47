package io.batchinfer.findings;

import io.batchinfer.config.Option;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.model.Usage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The endpoint keeps prompts in a cache, and the order of the rows made little of it. */
final class PromptCacheMissed implements Rule {
  /** A prompt in a thousand may be found in a cache by chance. */
  private static final double LEAST_CACHED = 0.01;

  private static final double MOST_CACHED = 0.6;
  private static final long LEAST_TOKENS = 100_000;

  @Override
  public String code() {
    return "prompt_cache_missed";
  }

  @Override
  public String when() {
    return String.format(
        Locale.ROOT,
        "Rows were sent in the order of the input, and of %,d prompt tokens or more at least %s, and at most %s, came from the endpoint's cache.",
        LEAST_TOKENS,
        Words.percent(LEAST_CACHED),
        Words.percent(MOST_CACHED));
  }

  @Override
  public String advice() {
    return "Rows share beginnings, and the endpoint remembers some of them. Sent one after the other, rows that begin alike find theirs more often.";
  }

  @Override
  public List<Option<?>> options() {
    return List.of(SavingOptions.ORDER);
  }

  @Override
  public Optional<Finding> look(Figures figures) {
    Usage usage = figures.counts().usage();
    double cached =
        usage.promptTokens() == 0 ? 0 : (double) usage.cachedTokens() / usage.promptTokens();
    if (!figures.isSetTo(SavingOptions.ORDER, "input")
        || usage.promptTokens() < LEAST_TOKENS
        || cached < LEAST_CACHED
        || cached > MOST_CACHED) {
      return Optional.empty();
    }
    return found(
        "Only "
            + Words.percent(cached)
            + " of the prompt tokens came from the endpoint's cache, since rows went out in the order of the input.",
        String.format(
            Locale.ROOT, "%,d of %,d tokens.", usage.cachedTokens(), usage.promptTokens()),
        SavingOptions.ORDER);
  }
}
