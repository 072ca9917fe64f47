package io.batchinfer.config;

import java.util.Locale;

/** Whether requests tell a hosted endpoint which of them begin alike. */
public enum PromptCacheKeys {
  /** Where the provider's profile says that it understands {@code prompt_cache_key}. */
  AUTO,
  /** Wherever rows go out by what they begin with. */
  ON,
  /** Never. */
  OFF;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
