package io.batchinfer.simulator;

/** Whose prompt cache a simulated endpoint imitates. */
public enum PromptCacheKind {
  /** Nothing is kept. */
  NONE,
  /** One for all requests, as vLLM's and SGLang's. */
  SHARED,
  /** One for each slot, as llama.cpp's. */
  SLOTS
}
