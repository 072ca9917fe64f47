package io.batchinfer.row;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request line as OpenAI's batch API judges it.
 *
 * @param customId as far as the line could be read, or null
 * @param model {@code body.model} as far as the line could be read, or null
 * @param embeddingInputs texts or token lists that a request for embeddings holds; 0 for others
 * @param problem the first thing that is wrong
 */
public record StrictLine(
    @Nullable String customId,
    @Nullable String model,
    long embeddingInputs,
    Optional<Fault> problem) {

  /** What is wrong, in OpenAI's codes. */
  public record Fault(String code, String message, @Nullable String param) {}
}
