package io.batchinfer.config;

import java.util.Locale;

/** How a provider's batch service is spoken to. */
public enum BatchDialect {
  /** As OpenAI's. */
  OPENAI,
  /** As Mistral's. */
  MISTRAL;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
