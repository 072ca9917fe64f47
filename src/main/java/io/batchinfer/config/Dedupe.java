package io.batchinfer.config;

import java.util.Locale;

/** Which equal rows of a job share one answer. */
public enum Dedupe {
  /** Those whose answer is a function of the request. */
  AUTO,
  /** All. */
  ON,
  /** None. */
  OFF;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
