package io.batchinfer.model;

import org.jspecify.annotations.Nullable;

/** The hash by which a row is accounted for: its place in the split and its {@code custom_id}. */
public final class RowHash {
  private RowHash() {}

  public static Hash128 of(Digest128 digest, int lineInSplit, @Nullable String customId) {
    digest.add(lineInSplit);
    return customId == null ? digest.finish() : digest.add(customId).finish();
  }
}
