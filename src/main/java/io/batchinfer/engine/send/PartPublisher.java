package io.batchinfer.engine.send;

import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.PublishedPair;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.journal.SplitAssembler.FactsFiles;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a split's pair of parts visible: assembled under a temporary name, moved into place, then
 * marked as committed. A crash in between leaves no mark, and the same bytes are written again.
 */
final class PartPublisher {
  private final JobFolder folder;
  private final RowKey keys;
  private final int splits;
  private final SplitAssembler assembler;

  PartPublisher(JobFolder folder, RowKey keys, int splits, SplitAssembler assembler) {
    this.folder = folder;
    this.keys = keys;
    this.splits = splits;
    this.assembler = assembler;
  }

  /** A pair that is written but not visible. */
  record Prepared(Split split, String results, String errors, String facts, Assembled assembled) {}

  /**
   * Assembles the newest outcomes of a split.
   *
   * @param leftOut lines of rows that are not settled, since they wait for equal ones; all others
   *     are
   * @param attempt unique name of this attempt
   */
  Prepared prepare(
      Split split,
      List<SegmentRange> ranges,
      Optional<ReopenedSplit> reopened,
      BitSet leftOut,
      String attempt) {
    String temporary = folder.assembly() + "/split-%05d-%s".formatted(split.index(), attempt);
    String results = temporary + ".results";
    String errors = temporary + ".errors";
    String facts = temporary + ".facts";
    @Nullable PublishedPair before =
        reopened
            .map(
                reopening ->
                    new PublishedPair(
                        keys,
                        split,
                        folder.resultPart(split.index(), splits),
                        folder.errorPart(split.index(), splits),
                        reopening,
                        leftOut))
            .orElse(null);
    Assembled assembled =
        assembler.assemble(
            split.lines(),
            ranges,
            before,
            results,
            errors,
            new FactsFiles(folder.rowFacts(split.index()), facts));
    long counted = assembled.counts().counts().settled();
    int rows = split.rows() - leftOut.cardinality();
    if (assembled.rows() != rows || counted != rows) {
      throw new BatchException(
          ErrorCode.INTERNAL,
          "Split %d has %d rows to publish, but its journal settles %d and counts %d; its parts were not published."
              .formatted(split.index(), rows, assembled.rows(), counted));
    }
    return new Prepared(split, results, errors, facts, assembled);
  }

  /**
   * Makes a pair visible. While one of its parts is the old one and the other is new, the split is
   * not marked as committed.
   *
   * @param rows what the rows were like, as one JSON object
   */
  Assembled publish(Prepared pair, byte[] rows) {
    int split = pair.split().index();
    Assembled assembled = pair.assembled();
    folder.commits().delete(split);
    replace(pair.results(), folder.resultPart(split, splits), assembled.counts().resultBytes());
    replace(pair.errors(), folder.errorPart(split, splits), assembled.counts().errorBytes());
    folder.store().publish(pair.facts(), folder.rowFacts(split));
    folder.commits().write(split, assembled.counts(), rows);
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
