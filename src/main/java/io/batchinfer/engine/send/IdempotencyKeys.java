package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.RowId;
import java.util.Map;

/**
 * The header by which a provider that honours it tells a repeated request from a new one. A row has
 * one key over all attempts and all runs, so that an answer that got lost is given again instead of
 * being made again. A rerun asks for new answers, and so does a repeat of what was refused: they
 * have keys of their own. Not thread-safe.
 */
final class IdempotencyKeys {
  private final Digest128 digest = new Digest128();
  private final String seed;

  /**
   * @param seed what tells this generation of the job from any other; empty where no header is to
   *     be sent
   */
  IdempotencyKeys(String seed) {
    this.seed = seed;
  }

  /**
   * Headers of a row's requests.
   *
   * @param round how often the split was reopened when the endpoint's refusal became void; 0 for a
   *     row that was not refused
   */
  Map<String, String> headers(RowId row, int round) {
    return seed.isEmpty()
        ? Map.of()
        : Map.of(
            OutboundRequest.IDEMPOTENCY_KEY,
            digest.add(seed).add(row.file()).add(row.line()).add(round).finish().hex());
  }
}
