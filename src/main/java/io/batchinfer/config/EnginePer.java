package io.batchinfer.config;

import java.util.Locale;

/** What gets an engine of its own. */
public enum EnginePer {
  EXECUTOR,
  GPU,

  /** A machine, whose executors share it. */
  NODE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
