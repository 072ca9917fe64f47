package io.batchinfer.simulator;

import java.util.List;

/**
 * A prompt as a server's cache knows it: hashes of ever longer beginnings, one for each whole block
 * of {@value #TOKENS} tokens, and how many tokens it has in all.
 *
 * @param chain the shortest beginning first; not to be changed
 */
public record PromptBlocks(long[] chain, int tokens) {
  /** Tokens of a block, as in vLLM. */
  public static final int TOKENS = 16;

  private static final int BYTES = TOKENS * RequestFields.BYTES_PER_TOKEN;

  /** In the order in which chat templates put them before the model. */
  private static final List<String> FIELDS =
      List.of("tools", "system", "instructions", "messages", "prompt", "suffix", "input", "inputs");

  /** What a request asks a model to go on from. */
  static PromptBlocks of(RequestFields fields) {
    int bytes = 0;
    for (String field : FIELDS) {
      for (Item item : fields.items(field)) {
        bytes += item.to() - item.from();
      }
    }
    long[] chain = new long[bytes / BYTES];
    byte[] block = new byte[BYTES];
    int blocks = 0;
    int filled = 0;
    // A model knows nothing of what another has computed.
    long before = fields.model.map(String::hashCode).orElse(0);
    for (String field : FIELDS) {
      for (Item item : fields.items(field)) {
        int from = item.from();
        while (from < item.to()) {
          int taken = Math.min(BYTES - filled, item.to() - from);
          System.arraycopy(fields.body, from, block, filled, taken);
          from += taken;
          filled += taken;
          if (filled == BYTES) {
            before = Mix.mix(before, Mix.ofBytes(block, 0, BYTES));
            chain[blocks++] = before;
            filled = 0;
          }
        }
      }
    }
    return new PromptBlocks(chain, fields.promptTokens());
  }

  /** Tokens that this many blocks save: the last token is computed in any case. */
  int saved(int blocks) {
    return Math.min(blocks * TOKENS, Math.max(0, tokens - 1));
  }

  /** Tokens in whole blocks and in what is left. */
  int blocksInAll() {
    return (tokens + TOKENS - 1) / TOKENS;
  }
}
