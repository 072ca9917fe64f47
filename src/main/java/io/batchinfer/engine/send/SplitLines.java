package io.batchinfer.engine.send;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Split;
import io.batchinfer.storage.LineReader;
import java.io.IOException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The open rows of a split, read from its input when they are asked for. Of a split that runs alone
 * the driver is told each line before it is read.
 */
final class SplitLines implements OpenRows, AutoCloseable {
  private final Split split;
  private final RowsToSend rows;
  private final RowFates fates;
  private final IntConsumer trying;
  private final LineReader lines;
  private int line;

  /**
   * Opens the input where the split begins.
   *
   * @param trying is told each line before it is read where the split runs alone
   */
  SplitLines(JobView job, Split split, RowsToSend rows, RowFates fates, IntConsumer trying)
      throws IOException {
    this.split = split;
    this.rows = rows;
    this.fates = fates;
    this.trying = trying;
    this.lines =
        new LineReader(
            job.folder().store().open(split.path(), split.start()),
            split.start(),
            job.spec().maxLineBytes());
  }

  @Override
  public @Nullable OpenRow next() throws IOException {
    while (line < split.lines()) {
      int current = line++;
      boolean settled = rows.settled().get(current);
      if (rows.alone() && !settled) {
        trying.accept(current);
      }
      if (!lines.next()) {
        throw new BatchException(
            ErrorCode.INVALID_INPUT,
            "\"%s\" ended before byte %d: the input was changed while the job ran."
                .formatted(split.path(), split.end()));
      }
      if (!settled && !lines.isBlank()) {
        return new OpenRow(current, fates.of(current, lines));
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
