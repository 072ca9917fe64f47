package io.batchinfer.remote;

import java.util.ArrayList;
import java.util.List;

/**
 * What one batch holds.
 *
 * @param endpoint canonical path of its rows
 * @param model of its rows, or empty
 * @param pieces in input order
 */
public record RemoteWork(String endpoint, String model, List<Piece> pieces, Load load) {
  public RemoteWork {
    pieces = List.copyOf(pieces);
  }

  /** The same in two halves; in one where it cannot be halved. */
  public List<RemoteWork> halves() {
    List<Piece> first = new ArrayList<>(pieces);
    List<Piece> second = new ArrayList<>();
    if (pieces.size() > 1) {
      first = pieces.subList(0, pieces.size() / 2);
      second = pieces.subList(pieces.size() / 2, pieces.size());
    } else {
      Piece only = pieces.get(0);
      int middle = (only.from() + only.to()) >>> 1;
      if (load.rows() < 2 || middle == only.from()) {
        return List.of(this);
      }
      first = List.of(new Piece(only.split(), only.from(), middle));
      second = List.of(new Piece(only.split(), middle, only.to()));
    }
    return List.of(
        new RemoteWork(endpoint, model, first, load.half()),
        new RemoteWork(endpoint, model, second, load.half()));
  }
}
