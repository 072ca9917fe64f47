package io.batchinfer.simulator;

/**
 * What a server keeps of the prompts that it has computed, and so need not compute again. Counts
 * prompts only: what answers take is left out. Thread-safe.
 */
public sealed interface PromptCache permits SharedPromptCache, SlotPromptCaches {
  /** A server that keeps nothing. */
  PromptCache NONE = new SharedPromptCache(0);

  /** One cache for all requests, as vLLM's and SGLang's. See {@link SharedPromptCache}. */
  static PromptCache shared(int tokens) {
    return new SharedPromptCache(tokens);
  }

  /**
   * A cache for each slot, as llama.cpp's. See {@link SlotPromptCaches}.
   *
   * @param tokens of all slots together; 0 where each has room for its prompt
   */
  static PromptCache ofSlots(int slots, int tokens) {
    return new SlotPromptCaches(slots, tokens);
  }

  /** Begins with a prompt. {@link Work#ended} must follow. */
  Work begin(PromptBlocks prompt);

  /** A prompt that is worked on. */
  interface Work {
    /** Prompt tokens that need not be computed. */
    int cachedTokens();

    /** Its prompt is computed: others may begin with what it has. */
    void computed();

    /** Its answer is there, or nobody wants it any more. */
    void ended();
  }
}
