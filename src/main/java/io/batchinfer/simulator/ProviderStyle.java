package io.batchinfer.simulator;

/** Whose rate-limit headers and error objects the simulated endpoint imitates. */
public enum ProviderStyle {
  /** {@code x-ratelimit-limit-requests} and so on; errors as {@code {"error": {…}}}. */
  OPENAI,
  /** {@code x-ratelimit-limit-req-minute} and so on; errors as {@code {"object": "error", …}}. */
  MISTRAL
}
