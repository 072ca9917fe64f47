package io.batchinfer.config;

import java.util.Locale;

/** What happens to lines that can never be sent. */
public enum OnInvalid {
  FAIL,
  RECORD;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
