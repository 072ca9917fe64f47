package io.batchinfer.config;

import java.util.Locale;

/** What gets an engine of its own. */
public enum EnginePer {
  EXECUTOR,
  GPU;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
