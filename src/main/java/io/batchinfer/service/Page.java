package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.store.Texts;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A part of a list.
 *
 * @param hasMore whether the list continues after it
 */
record Page<T>(List<T> items, boolean hasMore) {
  private static final int LARGEST = 1000;

  /** Mistral's way: pages with numbers from 0. */
  static <T> Page<T> numbered(Call call, List<T> all, int defaultSize) {
    long number = Queries.number(call, "page", 0, Integer.MAX_VALUE, 0);
    long size = Queries.number(call, "page_size", 1, LARGEST, defaultSize);
    int from = (int) Math.min(all.size(), number * size);
    int to = (int) Math.min(all.size(), from + size);
    return new Page<>(all.subList(from, to), to < all.size());
  }

  /**
   * OpenAI's way: a number of them after an id.
   *
   * @throws ApiError where the list has no such id
   */
  static <T> Page<T> after(List<T> all, Function<T, String> id, Optional<String> after, int limit) {
    int from = 0;
    if (after.isPresent() && !after.get().isEmpty()) {
      while (from < all.size() && !id.apply(all.get(from)).equals(after.get())) {
        from++;
      }
      if (from == all.size()) {
        throw ApiError.invalid(
            "after",
            "invalid_value",
            "No object with id '%s' is in the list.".formatted(Texts.shown(after.get())));
      }
      from++;
    }
    int to = Math.min(all.size(), from + limit);
    return new Page<>(all.subList(from, to), to < all.size());
  }
}
