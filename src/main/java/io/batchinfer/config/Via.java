package io.batchinfer.config;

import java.util.Locale;

/** How the rows of a run reach their provider. */
public enum Via {
  /** Each in a request of its own, at once. */
  INTERACTIVE,
  /** Many in one file, through the provider's own batch service. */
  BATCH;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
