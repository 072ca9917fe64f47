package io.batchinfer.journal;

import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.BitSet;

/**
 * The parts that a reopened split has, as far as they are there. A crash may have left the new
 * results beside the old errors; the rows in which they differ are in the journal, which wins.
 *
 * @param results path of the result part
 * @param errors path of the error part
 * @param leftOut lines whose rows are not to be taken from the parts, although nothing newer is
 *     known of them
 */
public record PublishedPair(
    RowKey keys,
    Split split,
    String results,
    String errors,
    ReopenedSplit reopened,
    BitSet leftOut) {}
