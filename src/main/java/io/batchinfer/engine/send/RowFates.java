package io.batchinfer.engine.send;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Split;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.storage.LineReader;
import java.util.BitSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of the open rows of a split. What is wrong with a line comes first, since it
 * holds whatever the job does; then an answer that is there, which costs nothing or is paid for;
 * then whether the job is over; then whether workers died of the row. Not thread-safe.
 */
final class RowFates {
  private final LineChecks checks;
  private final @Nullable Unanswered close;
  private final SharedAnswers shared;
  private final RemoteAnswers remote;

  /** Where every row has an answer of its own. */
  RowFates(LineChecks checks, @Nullable Unanswered close) {
    this(checks, close, SharedAnswers.none(), RemoteAnswers.none());
  }

  /**
   * @param close what every row ends with that is not sent any more, null as long as rows are sent
   * @param shared what rows get from others
   * @param remote what rows get from a batch service
   */
  RowFates(
      LineChecks checks, @Nullable Unanswered close, SharedAnswers shared, RemoteAnswers remote) {
    this.checks = checks;
    this.close = close;
    this.shared = shared;
    this.remote = remote;
  }

  /**
   * What is known of a split's lines before any is read.
   *
   * @param parser reads the line that a reader stands at
   * @param tooLong what a line is that is too long to be read
   * @param duplicates lines of the unit whose ids other rows have
   * @param firstLine the split's first line in its unit
   * @param blamed lines of the split that workers died of
   */
  record LineChecks(
      Function<LineReader, ParsedLine> parser,
      Invalid tooLong,
      BitSet duplicates,
      int firstLine,
      BitSet blamed) {
    static LineChecks of(JobView job, RowRequests requests, Split split, RowsToSend rows) {
      return new LineChecks(
          requests::parse,
          job.spec().tooLong(),
          job.folder().duplicateLines(split.unit()),
          split.unitLine(),
          rows.blamed());
    }

    private ParsedLine parsed(LineReader reader) {
      return reader.tooLong() ? tooLong : parser.apply(reader);
    }

    private boolean isDuplicate(int line) {
      return duplicates.get(firstLine + line);
    }
  }

  /** What becomes of the row at that line of the split, at which the reader stands. */
  RowFate of(int line, LineReader reader) {
    ParsedLine parsed = checks.parsed(reader);
    if (parsed instanceof Invalid invalid) {
      return unsent(invalid);
    }
    Request request = (Request) parsed;
    if (checks.isDuplicate(line)) {
      return unsent(
          new Invalid(
              request.customId(),
              ErrorCode.DUPLICATE_CUSTOM_ID,
              "The custom ID for this request is a duplicate of the custom ID in another request; only the first one runs.",
              "custom_id"));
    }
    @Nullable RowFate ofOthers = shared.fateOf(line, request);
    if (ofOthers instanceof RowFate.Copied) {
      return ofOthers;
    }
    @Nullable RowFate fetched = remote.fateOf(line, request, close != null);
    if (fetched != null) {
      return fetched;
    }
    if (close != null) {
      return new RowFate.Unsent(request.customId(), close);
    }
    if (ofOthers != null && !checks.blamed().get(line)) {
      return ofOthers;
    }
    return checks.blamed().get(line)
        ? new RowFate.Blamed(request.customId())
        : remote.otherwise(request);
  }

  private static RowFate.Unsent unsent(Invalid invalid) {
    return new RowFate.Unsent(
        invalid.customId(), new Unanswered(invalid.code(), invalid.message(), invalid.param()));
  }
}
