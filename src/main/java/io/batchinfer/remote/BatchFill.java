package io.batchinfer.remote;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes batches of chunks: as few as the limits allow, each of one endpoint and one model, in input
 * order.
 *
 * @param maxRows most requests in a batch, and most inputs of these
 * @param maxBytes most bytes in its file
 * @param maxTokens most tokens in a batch, since more could never be queued
 * @param mixedModels whether a batch may hold several models
 */
public record BatchFill(long maxRows, long maxBytes, long maxTokens, boolean mixedModels) {
  /** A chunk is at most such a part of a batch. */
  private static final int PARTS = 64;

  /** What a chunk may hold, so that whole chunks fill a batch. */
  public Load mostOfChunk() {
    return new Load(
        Math.max(1, maxRows / PARTS),
        Math.max(1, maxRows / PARTS),
        Math.max(1, maxBytes / PARTS),
        Math.max(1, maxTokens / PARTS),
        Long.MAX_VALUE);
  }

  private boolean fits(Load load) {
    return load.rows() <= maxRows
        && load.inputs() <= maxRows
        && load.bytes() <= maxBytes
        && load.tokens() <= maxTokens;
  }

  /** The batches of those chunks. */
  public List<RemoteWork> batches(List<Chunk> chunks) {
    Map<List<String>, List<Chunk>> groups = new LinkedHashMap<>();
    for (Chunk chunk : chunks) {
      groups
          .computeIfAbsent(
              List.of(chunk.endpoint(), mixedModels ? "" : chunk.model()),
              unused -> new ArrayList<>())
          .add(chunk);
    }
    List<RemoteWork> all = new ArrayList<>();
    groups.forEach((group, members) -> fill(group.get(0), group.get(1), members, all));
    return all;
  }

  private void fill(String endpoint, String model, List<Chunk> chunks, List<RemoteWork> all) {
    List<Piece> pieces = new ArrayList<>();
    Load load = Load.NONE;
    for (Chunk chunk : chunks) {
      Load with = load.plus(chunk.load());
      if (!pieces.isEmpty() && !fits(with)) {
        all.add(new RemoteWork(endpoint, model, pieces, load));
        pieces = new ArrayList<>();
        with = chunk.load();
      }
      Piece piece = chunk.piece();
      Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
      if (last != null && last.split() == piece.split() && last.to() <= piece.from()) {
        pieces.set(pieces.size() - 1, new Piece(piece.split(), last.from(), piece.to()));
      } else {
        pieces.add(piece);
      }
      load = with;
    }
    if (!pieces.isEmpty()) {
      all.add(new RemoteWork(endpoint, model, pieces, load));
    }
  }
}
