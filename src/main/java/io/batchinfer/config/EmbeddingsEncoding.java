package io.batchinfer.config;

import java.util.Locale;

/** How an endpoint writes embeddings where the line does not say. */
public enum EmbeddingsEncoding {
  FLOAT,
  BASE64;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
