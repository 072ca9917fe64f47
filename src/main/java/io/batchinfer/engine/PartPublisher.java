package io.batchinfer.engine;

import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Split;
import java.util.List;

/**
 * Makes a split's pair of parts visible: assembled under a temporary name, moved into place, then
 * marked as committed. A crash in between leaves no mark, and the same bytes are written again.
 */
final class PartPublisher {
  private final JobFolder folder;
  private final int splits;
  private final SplitAssembler assembler;

  PartPublisher(JobFolder folder, int splits, SplitAssembler assembler) {
    this.folder = folder;
    this.splits = splits;
    this.assembler = assembler;
  }

  /**
   * Publishes the newest outcomes of a split whose rows are all settled.
   *
   * @param attempt unique name of this attempt
   */
  Assembled publish(Split split, List<SegmentRange> ranges, String attempt) {
    String temporary = folder.assembly() + "/split-%05d-%s".formatted(split.index(), attempt);
    String results = temporary + ".results";
    String errors = temporary + ".errors";
    Assembled assembled = assembler.assemble(split.lines(), ranges, results, errors);
    if (assembled.rows() != split.rows()) {
      throw new BatchException(
          ErrorCode.INTERNAL,
          "Split %d has %d rows, but its journal settles %d; its parts were not published."
              .formatted(split.index(), split.rows(), assembled.rows()));
    }
    replace(results, folder.resultPart(split.index(), splits), assembled.counts().resultBytes());
    replace(errors, folder.errorPart(split.index(), splits), assembled.counts().errorBytes());
    folder.writeCommit(split.index(), assembled.counts());
    return assembled;
  }

  private void replace(String temporary, String part, long bytes) {
    if (bytes > 0) {
      folder.store().publish(temporary, part);
    } else {
      folder.store().delete(part);
    }
  }
}
