package io.batchinfer.testing.provider;

/** Whose batch service is played. */
public enum ProviderDialect {
  /** {@code /v1/files} and {@code /v1/batches}. */
  OPENAI,
  /** {@code /v1/files} and {@code /v1/batch/jobs}. */
  MISTRAL
}
