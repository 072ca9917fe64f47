package io.batchinfer.model;

/** How many rows are settled, by how they ended. */
public record RowCounts(long succeeded, long failed) {
  public static final RowCounts NONE = new RowCounts(0, 0);

  public long settled() {
    return Saturating.sum(succeeded, failed);
  }

  public RowCounts plus(RowCounts other) {
    return new RowCounts(
        Saturating.sum(succeeded, other.succeeded), Saturating.sum(failed, other.failed));
  }
}
