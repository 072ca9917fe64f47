package io.batchinfer.journal;

import io.batchinfer.model.Digest128;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowHash;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.row.ResultLineReader;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the written parts of a split back and checks that they hold every row of the plan once, in
 * input order, and nothing else.
 */
public final class PartProof {
  private final FileStore store;
  private final RowKey keys;
  private final ResultLineReader reader = new ResultLineReader();
  private final Digest128 digest = new Digest128();
  private long resultRows;
  private long errorRows;

  public PartProof(FileStore store, RowKey keys) {
    this.store = store;
    this.keys = keys;
  }

  /** What is wrong with the parts, or empty when they account for the split. */
  public Optional<String> disprove(Split split, String resultPart, String errorPart) {
    BitSet seen = new BitSet(split.lines());
    Sum sum = new Sum();
    for (String part : new String[] {resultPart, errorPart}) {
      if (store.find(part).isPresent()) {
        long before = sum.rows;
        Optional<String> problem = read(split, part, seen, sum);
        if (problem.isPresent()) {
          return problem;
        }
        if (part.equals(resultPart)) {
          resultRows += sum.rows - before;
        } else {
          errorRows += sum.rows - before;
        }
      }
    }
    if (sum.rows != split.rows()) {
      return Optional.of(
          "split %d has %d rows but \"%s\" and its errors hold %d"
              .formatted(split.index(), split.rows(), resultPart, sum.rows));
    }
    if (!sum.hash.equals(split.rowSum())) {
      return Optional.of(
          "the rows of \"%s\" and its errors are not those of split %d: their ids differ from the plan's"
              .formatted(resultPart, split.index()));
    }
    return Optional.empty();
  }

  /** Rows of the result parts read so far. */
  public long resultRows() {
    return resultRows;
  }

  /** Rows of the error parts read so far. */
  public long errorRows() {
    return errorRows;
  }

  private Optional<String> read(Split split, String part, BitSet seen, Sum sum) {
    int last = -1;
    try (LineReader lines = new LineReader(store.open(part, 0), 0, Integer.MAX_VALUE - 64)) {
      while (lines.next()) {
        ResultLineReader.@Nullable Head head =
            reader.head(lines.bytes(), lines.start(), lines.length());
        if (head == null) {
          return Optional.of(
              "\"%s\" holds something else than a result line at byte %d"
                  .formatted(part, lines.offset()));
        }
        OptionalLong packed = keys.parse(head.id());
        if (packed.isEmpty() || RowKey.fileOf(packed.getAsLong()) != split.file()) {
          return Optional.of("\"%s\" holds a row of another job: %s".formatted(part, head.id()));
        }
        long line = RowKey.lineOf(packed.getAsLong()) - split.firstLine();
        if (line < 0 || line >= split.lines()) {
          return Optional.of("\"%s\" holds a row of another split: %s".formatted(part, head.id()));
        }
        int lineInSplit = (int) line;
        if (lineInSplit <= last || seen.get(lineInSplit)) {
          return Optional.of(
              "\"%s\" holds a row twice or out of order: %s".formatted(part, head.id()));
        }
        last = lineInSplit;
        seen.set(lineInSplit);
        if (lines.endOffset() - lines.offset() == lines.length()) {
          return Optional.of("\"%s\" is cut off after row %s".formatted(part, head.id()));
        }
        sum.rows++;
        sum.hash = sum.hash.plus(RowHash.of(digest, lineInSplit, head.customId()));
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + part + "\"", e);
    }
  }

  private static final class Sum {
    private long rows;
    private Hash128 hash = Hash128.ZERO;
  }
}
