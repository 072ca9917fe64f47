package io.batchinfer.config;

import java.util.Locale;

/** In which order the rows of a split go out. */
public enum SendOrder {
  /** By prefix where nothing says that the endpoint is a hosted one. */
  AUTO,
  /** Rows that begin alike one after the other. */
  PREFIX,
  /** As they stand in the input. */
  INPUT;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
