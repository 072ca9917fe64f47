package io.batchinfer.row;

import org.jspecify.annotations.Nullable;

/** Texts one after the other; of one alone, which is the usual case, no copy is made. */
final class JoinedText {
  private @Nullable String first;
  private @Nullable StringBuilder all;

  void clear() {
    first = null;
    all = null;
  }

  /** Adds a text; null is none. */
  void add(@Nullable String more, String between) {
    if (more == null) {
      return;
    }
    if (first == null) {
      first = more;
      return;
    }
    StringBuilder joined = all;
    if (joined == null) {
      joined = new StringBuilder(first);
      all = joined;
    }
    joined.append(between).append(more);
  }

  /** All of them, or null where there was none. */
  @Nullable String get() {
    StringBuilder joined = all;
    return joined == null ? first : joined.toString();
  }
}
