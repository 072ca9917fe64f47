package io.batchinfer.course;

/**
 * What is kept of the rows of one split beside its commit. Immutable.
 *
 * @param rows what they were like
 * @param millis from the first row that the process which published it had sent, to the last one; 0
 *     where none was sent
 */
public record SplitSketch(RowSketch rows, long millis) {
  /** Of a split of which nothing is known. */
  public static final SplitSketch NONE = new SplitSketch(RowSketch.NONE, 0);
}
