package io.batchinfer.table.answers;

import io.batchinfer.model.Counts;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Split;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One split of a job as a task of Spark gets it: how it stood when the query was planned.
 *
 * @param root qualified output folder
 * @param splits splits of the job
 * @param file the input file as people know it
 * @param path where the plain lines are, between two bytes
 * @param succeeded rows of the result part, where the split is published
 * @param failed rows of the error part, where the split is published
 * @param reopened how the split was reopened, as {@code ReopeningJson} writes it; null for any
 *     other
 * @param segments names of the journal's segments that hold entries of the split, where it is not
 *     published
 */
record SplitTask(
    String root,
    int splits,
    int index,
    String file,
    int fileNumber,
    String path,
    long start,
    long end,
    long firstLine,
    int lines,
    int rows,
    boolean published,
    long succeeded,
    long failed,
    byte @Nullable [] reopened,
    List<String> segments)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * How a split stands.
   *
   * @param published whether its parts are, which hold so many rows that succeeded and failed
   * @param reopened how it was reopened, where it is not published again
   * @param segments of the journal that hold entries of it, where it is not published
   */
  private record Standing(
      boolean published,
      long succeeded,
      long failed,
      byte @Nullable [] reopened,
      List<String> segments) {}

  /** A split whose parts are published. */
  static SplitTask published(String root, int splits, Split split, String file, PartCounts part) {
    Counts counts = part.counts();
    return of(
        root,
        splits,
        split,
        file,
        new Standing(true, counts.succeeded(), counts.failed(), null, List.of()));
  }

  /** What there is of a split that is not published. */
  record Journalled(byte @Nullable [] reopened, List<String> segments) {}

  /** A split whose parts are not published, or not again. */
  static SplitTask open(String root, int splits, Split split, String file, Journalled journalled) {
    return of(
        root,
        splits,
        split,
        file,
        new Standing(false, 0, 0, journalled.reopened(), journalled.segments()));
  }

  private static SplitTask of(
      String root, int splits, Split split, String file, Standing standing) {
    return new SplitTask(
        root,
        splits,
        split.index(),
        file,
        split.file(),
        split.path(),
        split.start(),
        split.end(),
        split.firstLine(),
        split.lines(),
        split.rows(),
        standing.published(),
        standing.succeeded(),
        standing.failed(),
        standing.reopened(),
        standing.segments());
  }

  /** The split without what only a run needs. */
  Split split() {
    return new Split(
        index, fileNumber, path, start, end, 0, 0, firstLine, lines, rows, 0, Hash128.ZERO, 0);
  }
}
