package io.batchinfer.remote;

/**
 * What counts against a provider's limits.
 *
 * @param rows requests
 * @param inputs of the requests: one each, but embeddings may ask for several
 * @param bytes of their lines, with line ends
 * @param tokens that they may use, as far as their size shows
 * @param promptTokens those of the requests among them
 */
public record Load(long rows, long inputs, long bytes, long tokens, long promptTokens) {
  public static final Load NONE = new Load(0, 0, 0, 0, 0);

  public Load plus(Load other) {
    return new Load(
        rows + other.rows,
        inputs + other.inputs,
        bytes + other.bytes,
        tokens + other.tokens,
        promptTokens + other.promptTokens);
  }

  /** About half of it. */
  Load half() {
    return new Load(
        (rows + 1) / 2,
        (inputs + 1) / 2,
        (bytes + 1) / 2,
        (tokens + 1) / 2,
        (promptTokens + 1) / 2);
  }
}
