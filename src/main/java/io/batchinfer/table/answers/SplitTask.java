package io.batchinfer.table.answers;

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
 * @param reopened how the split was reopened, as {@code JobJson} writes it; null for any other
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

  static SplitTask published(String root, int splits, Split split, String file, PartCounts counts) {
    return of(
        root,
        splits,
        split,
        file,
        true,
        counts.counts().succeeded(),
        counts.counts().failed(),
        null,
        List.of());
  }

  static SplitTask open(
      String root,
      int splits,
      Split split,
      String file,
      byte @Nullable [] reopened,
      List<String> segments) {
    return of(root, splits, split, file, false, 0, 0, reopened, segments);
  }

  private static SplitTask of(
      String root,
      int splits,
      Split split,
      String file,
      boolean published,
      long succeeded,
      long failed,
      byte @Nullable [] reopened,
      List<String> segments) {
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
        published,
        succeeded,
        failed,
        reopened,
        segments);
  }

  /** The split without what only a run needs. */
  Split split() {
    return new Split(
        index, fileNumber, path, start, end, 0, 0, firstLine, lines, rows, 0, Hash128.ZERO, 0);
  }
}
