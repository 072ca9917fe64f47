package io.batchinfer.config;

import java.util.Locale;

/** What is done with rows that a provider's batch service left without an answer. */
public enum Then {
  /** They go into a next batch, as often as attempts are allowed. */
  NONE,
  /** They are sent in requests of their own. */
  INTERACTIVE;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
