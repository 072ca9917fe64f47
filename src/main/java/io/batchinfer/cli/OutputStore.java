package io.batchinfer.cli;

import io.batchinfer.storage.StoreTraits;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The store of an output that was tried.
 *
 * @param output the folder, qualified
 */
record OutputStore(String output, StoreTraits traits) {
  String words() {
    return "Store of the output \"%s\": can hold a job; it %s".formatted(output, traits.words());
  }

  Map<String, Object> object() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("output", output);
    object.put("creates_if_absent", traits.createsIfAbsent());
    object.put("renames_in_place", traits.renamesInPlace());
    object.put("throws_away_unfinished", traits.abandons());
    return object;
  }
}
