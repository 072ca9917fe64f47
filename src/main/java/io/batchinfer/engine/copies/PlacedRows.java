package io.batchinfer.engine.copies;

import io.batchinfer.engine.copies.EqualGroup.Place;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Which split a row is in, by its place in a scan unit. Immutable. */
final class PlacedRows {
  private final Map<Integer, NavigableMap<Integer, Split>> splits = new HashMap<>();

  PlacedRows(Plan plan) {
    for (Split split : plan.splits()) {
      splits.computeIfAbsent(split.unit(), unused -> new TreeMap<>()).put(split.unitLine(), split);
    }
  }

  /**
   * Key of a row: its split, then its line in that from 0, as {@link CopiedAnswer} reads it; empty
   * where the plan has no such row.
   */
  OptionalLong keyOf(Place place) {
    NavigableMap<Integer, Split> unit = splits.get(place.unit());
    Entry<Integer, Split> found = unit == null ? null : unit.floorEntry(place.line());
    if (found == null || place.line() - found.getKey() >= found.getValue().lines()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        (long) found.getValue().index() << Integer.SIZE | (place.line() - found.getKey()));
  }
}
