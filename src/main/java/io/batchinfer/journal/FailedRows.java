package io.batchinfer.journal;

import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Split;
import io.batchinfer.storage.FileStore;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of an error part run again. Lines count from 0 in their split.
 *
 * @param again which kinds of failure run again
 * @param open rows that run again
 * @param answered those of them that the endpoint refused: what it said was its last word on that
 *     request
 * @param openCodes rows that run again and have no answer, by code
 * @param keptCodes rows that stay and have no answer, by code
 */
public record FailedRows(
    RowsAgain again,
    BitSet open,
    BitSet answered,
    SortedMap<String, Long> openCodes,
    SortedMap<String, Long> keptCodes) {

  /** Reads an error part. */
  public static FailedRows read(
      FileStore store, RowKey keys, Split split, String part, RowsAgain again) {
    BitSet open = new BitSet();
    BitSet answered = new BitSet();
    SortedMap<String, Long> openCodes = new TreeMap<>();
    SortedMap<String, Long> keptCodes = new TreeMap<>();
    try (PartCursor rows = new PartCursor(store, keys, split, part)) {
      for (; rows.line() != PartCursor.END; rows.advance()) {
        @Nullable String code = rows.unansweredCode();
        if (code == null) {
          open.set(rows.line(), again == RowsAgain.FAILED);
          answered.set(rows.line(), again == RowsAgain.FAILED);
        } else {
          boolean opened = runsAgain(code, again);
          open.set(rows.line(), opened);
          (opened ? openCodes : keptCodes).merge(code, 1L, Long::sum);
        }
      }
    }
    return new FailedRows(again, open, answered, openCodes, keptCodes);
  }

  private static boolean runsAgain(String code, RowsAgain again) {
    ErrorCode known = ErrorCode.ofCode(code);
    return switch (again) {
      case FAILED -> known.isRepeatable();
      case CLOSED -> known.isProvisional();
      case WAITING -> false;
    };
  }

  /**
   * What is left of a split's counts when these rows are open again. What was spent on them stays.
   */
  public Counts keptOf(Counts counts) {
    SortedMap<String, Long> errors = new TreeMap<>();
    if (again == RowsAgain.FAILED) {
      errors.putAll(keptCodes);
    } else {
      errors.putAll(counts.errors());
      openCodes.forEach(
          (code, rows) ->
              errors.computeIfPresent(code, (key, all) -> all > rows ? all - rows : null));
    }
    return new Counts(
        new RowCounts(counts.succeeded(), counts.failed() - open.cardinality()),
        counts.spent(),
        counts.marks(),
        errors);
  }
}
