package io.batchinfer.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import io.batchinfer.row.ResultLineWriter;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of published parts: which of them run again, and what becomes of the others. */
class ReopenedPartsTest {
  private static final String FOLDER = "/out/_journal/segments";
  private static final String RESULTS = "/out/results/part-00000.jsonl";
  private static final String ERRORS = "/out/errors/part-00000.jsonl";
  private static final RowKey KEYS = new RowKey(new Hash128(0x1234, 0x5678));
  private static final int FIRST_LINE = 11;

  /** Eight lines; the seventh is blank. */
  private static final Split SPLIT =
      new Split(0, 0, "/in/a.jsonl", 0, 900, 0, 10, FIRST_LINE, 8, 7, 0, Hash128.ZERO, 0);

  private static final RowOutcome ANSWER =
      new RowOutcome.Answered(
          200, "r", "{\"a\":1}".getBytes(StandardCharsets.UTF_8), Usage.NONE, AnswerMarks.NONE, "");
  private static final RowOutcome REFUSAL =
      new RowOutcome.Answered(
          400,
          "r",
          "{\"error\":{\"code\":\"bad\"}}".getBytes(StandardCharsets.UTF_8),
          Usage.NONE,
          AnswerMarks.NONE,
          "bad");

  private final InMemoryFiles files = InMemoryFiles.filesystem();

  private static RowOutcome none(ErrorCode code) {
    return new RowOutcome.Unanswered(code, "no answer", null);
  }

  private static String line(int line, RowOutcome outcome) {
    return new String(
        new ResultLineWriter(KEYS, List.of("a"))
            .render(new RowId(0, FIRST_LINE + line), "id-" + line, outcome),
        StandardCharsets.US_ASCII);
  }

  private void put(String part, String... lines) {
    files.put(part, String.join("", lines).getBytes(StandardCharsets.US_ASCII));
  }

  private String text(String path) {
    return files.find(path).isPresent()
        ? new String(files.content(path), StandardCharsets.US_ASCII)
        : "";
  }

  private FailedRows read(RowsAgain again) {
    FailedRows rows = FailedRows.read(files, KEYS, SPLIT, ERRORS, again);
    assertThat(files.openReads()).as("files left open").isZero();
    return rows;
  }

  /** Results 1 and 5; errors of all kinds. */
  private void publish() {
    put(RESULTS, line(1, ANSWER), line(5, ANSWER));
    put(
        ERRORS,
        line(0, REFUSAL),
        line(2, none(ErrorCode.BATCH_EXPIRED)),
        line(3, none(ErrorCode.REQUEST_TIMEOUT)),
        line(4, none(ErrorCode.DUPLICATE_CUSTOM_ID)),
        line(7, none(ErrorCode.BATCH_EXPIRED)));
  }

  private static Counts published() {
    return new Counts(
        new RowCounts(2, 5),
        new Spent(9, 3, new Usage(70, 30)),
        MarkCounts.NONE,
        new TreeMap<>(
            Map.of(
                "bad", 1L, "batch_expired", 2L, "request_timeout", 1L, "duplicate_custom_id", 1L)));
  }

  @Test
  void aResumeRunsWhatWasClosedWithItsJobAndNothingElse() {
    publish();

    FailedRows rows = read(RowsAgain.CLOSED);

    assertThat(rows.open().stream()).containsExactly(2, 7);
    assertThat(rows.answered().isEmpty()).isTrue();
    assertThat(rows.openCodes()).isEqualTo(Map.of("batch_expired", 2L));
    assertThat(rows.keptCodes())
        .isEqualTo(Map.of("request_timeout", 1L, "duplicate_custom_id", 1L));
  }

  @Test
  void aRetryRunsEveryFailureThatARepeatCanChange() {
    publish();

    FailedRows rows = read(RowsAgain.FAILED);

    assertThat(rows.open().stream()).containsExactly(0, 2, 3, 7);
    assertThat(rows.answered().stream()).as("a new request each").containsExactly(0);
    assertThat(rows.openCodes()).isEqualTo(Map.of("batch_expired", 2L, "request_timeout", 1L));
    assertThat(rows.keptCodes()).isEqualTo(Map.of("duplicate_custom_id", 1L));
  }

  @Test
  void aSplitWithoutAnErrorPartHasNoFailedRow() {
    assertThat(read(RowsAgain.FAILED).open().isEmpty()).isTrue();
    assertThat(read(RowsAgain.FAILED).keptOf(published()).failed()).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsLeftOfTheCountsIsWhatStaysAndAllThatWasSpent(RowsAgain again) {
    publish();
    FailedRows rows = read(again);

    Counts kept = rows.keptOf(published());

    assertThat(kept.settled() + rows.open().cardinality()).isEqualTo(published().settled());
    assertThat(kept.succeeded()).isEqualTo(2);
    assertThat(kept.attempts()).isEqualTo(9);
    assertThat(kept.mayHaveRun()).isEqualTo(3);
    assertThat(kept.usage()).isEqualTo(new Usage(70, 30));
    SortedMap<String, Long> errors = new TreeMap<>(Map.of("duplicate_custom_id", 1L));
    if (again != RowsAgain.FAILED) {
      errors.putAll(Map.of("bad", 1L, "request_timeout", 1L));
    }
    if (again == RowsAgain.WAITING) {
      errors.put("batch_expired", 2L);
    }
    assertThat(kept.errors()).isEqualTo(errors);
  }

  @Test
  void ofACodeThatSomeRowsKeepOnlyTheOpenOnesGo() {
    put(ERRORS, line(2, none(ErrorCode.BATCH_EXPIRED)));

    Counts kept = read(RowsAgain.CLOSED).keptOf(published());

    assertThat(kept.errors()).containsEntry("batch_expired", 1L);
  }

  @Test
  void aPartThatIsNotThisSplitsIsNotRead() {
    for (String wrong :
        List.of(
            line(3, REFUSAL) + line(3, REFUSAL),
            line(3, REFUSAL) + line(2, REFUSAL),
            line(8, REFUSAL),
            line(-1, REFUSAL),
            "{\"a\":1}\n",
            "no JSON\n")) {
      put(ERRORS, wrong);
      assertThatThrownBy(() -> read(RowsAgain.FAILED))
          .as(wrong)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(ERRORS);
    }
  }

  /** Writes the new outcomes of a reopening, each one flush. */
  private List<SegmentRange> journalled(JournalEntry... entries) {
    try (JournalWriter writer =
        new JournalWriter(files, FOLDER, 2, "w", new VirtualTime(), Duration.ofSeconds(1))) {
      for (JournalEntry entry : entries) {
        writer.append(0, entry);
        writer.flush().toCompletableFuture().join();
      }
      return writer.ranges(0);
    }
  }

  private static JournalEntry entry(int line, RowOutcome outcome) {
    return new JournalEntry(
        line,
        outcome.isSuccess(),
        false,
        AnswerMarks.NONE,
        1,
        0,
        new Usage(10, 5),
        outcome.isSuccess() ? "" : "bad",
        line(line, outcome).getBytes(StandardCharsets.US_ASCII));
  }

  private SplitAssembler.Assembled assemble(List<SegmentRange> ranges, long memory) {
    ReopenedSplit reopened =
        new ReopenedSplit(3, 2, RowsAgain.CLOSED, read(RowsAgain.CLOSED).keptOf(published()));
    SplitAssembler.Assembled assembled =
        new SplitAssembler(files, FOLDER, memory)
            .assemble(
                8,
                ranges,
                new PublishedPair(KEYS, SPLIT, RESULTS, ERRORS, reopened, new BitSet()),
                "/r",
                "/e");
    assertThat(files.openReads()).as("files left open").isZero();
    return assembled;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 300, 1 << 20})
  void theNewOutcomesStandAmongTheRowsThatStay(long memory) {
    publish();
    List<SegmentRange> ranges = journalled(entry(7, REFUSAL), entry(2, ANSWER));

    SplitAssembler.Assembled assembled = assemble(ranges, memory);

    assertThat(text("/r")).isEqualTo(line(1, ANSWER) + line(2, ANSWER) + line(5, ANSWER));
    assertThat(text("/e"))
        .isEqualTo(
            line(0, REFUSAL)
                + line(3, none(ErrorCode.REQUEST_TIMEOUT))
                + line(4, none(ErrorCode.DUPLICATE_CUSTOM_ID))
                + line(7, REFUSAL));
    assertThat(assembled.rows()).isEqualTo(7);
    assertThat(assembled.counts().round()).isEqualTo(3);
    Counts counts = assembled.counts().counts();
    assertThat(counts.succeeded()).isEqualTo(3);
    assertThat(counts.failed()).isEqualTo(4);
    assertThat(counts.attempts()).isEqualTo(9 + 2);
    assertThat(counts.usage()).isEqualTo(new Usage(90, 40));
    assertThat(counts.errors())
        .isEqualTo(Map.of("bad", 2L, "request_timeout", 1L, "duplicate_custom_id", 1L));
  }

  /** The results were replaced, the errors not yet, when the process died. */
  @Test
  void aRowThatACrashLeftInBothPartsIsTakenFromTheJournal() {
    publish();
    List<SegmentRange> ranges = journalled(entry(2, ANSWER), entry(7, ANSWER));
    SplitAssembler.Assembled first = assemble(ranges, 1 << 20);
    String results = text("/r");
    String errors = text("/e");
    files.put(RESULTS, files.content("/r"));

    SplitAssembler.Assembled again = assemble(ranges, 1 << 20);

    assertThat(again).isEqualTo(first);
    assertThat(text("/r")).isEqualTo(results);
    assertThat(text("/e")).isEqualTo(errors);
  }

  @Test
  void aSplitThatFitsIntoMemoryIsReadOnceAndALargerOneOnlyWhereItMatters() {
    JournalEntry[] entries = new JournalEntry[8];
    Arrays.setAll(entries, line -> Entries.answered(line, "x".repeat(3000) + line));
    List<SegmentRange> ranges = new ArrayList<>(journalled(entries));
    long bytes = ranges.stream().mapToLong(SegmentRange::length).sum();
    StringBuilder expected = new StringBuilder();
    for (JournalEntry entry : entries) {
      expected.append(Entries.text(entry)).append('\n');
    }

    assertThat(readBy(ranges, bytes, expected.toString())).isEqualTo(bytes);
    assertThat(readBy(ranges, bytes - 1, expected.toString())).isEqualTo(2 * bytes);
    assertThat(readBy(ranges, 1, expected.toString())).isEqualTo(2 * bytes);
    // One flush that holds all rows is read for every window of two rows.
    files.delete(FOLDER);
    List<SegmentRange> one;
    try (JournalWriter writer =
        new JournalWriter(files, FOLDER, 2, "w", new VirtualTime(), Duration.ofSeconds(1))) {
      Arrays.stream(entries).forEach(entry -> writer.append(0, entry));
      writer.flush().toCompletableFuture().join();
      one = writer.ranges(0);
    }
    int line = entries[0].rendered().length;
    assertThat(readBy(one, 2L * line, expected.toString())).isEqualTo(bytes * (1 + 4));
    assertThat(readBy(one, 2L * line + 1, expected.toString())).isEqualTo(bytes * (1 + 4));
    assertThat(readBy(one, 2L * line - 1, expected.toString())).isEqualTo(bytes * (1 + 8));
  }

  /** Bytes that were read to assemble; small ranges come with what stands around them. */
  private long readBy(List<SegmentRange> ranges, long memory, String expected) {
    files.delete("/r");
    long[] read = {0};
    long before = files.randomlyRead();
    new SplitAssembler(files, FOLDER, memory).assemble(8, ranges, null, "/r", "/e");
    read[0] = files.randomlyRead() - before;
    assertThat(text("/r")).isEqualTo(expected);
    assertThat(files.openReads()).isZero();
    return read[0];
  }
}
