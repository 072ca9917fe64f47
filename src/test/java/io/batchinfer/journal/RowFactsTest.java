package io.batchinfer.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What was spent on each row: added up over its tries, and kept beside the parts. */
class RowFactsTest {
  private static final String PATH = "/out/_journal/facts/split-0";
  private static final Usage USAGE = new Usage(300, 5, 127, 128, new Cost(1L << 40, 1));

  private final InMemoryFiles files = InMemoryFiles.filesystem();

  private static JournalEntry entry(int line, int attempts, int mayHaveRun, Usage usage) {
    return new JournalEntry(
        line, true, false, AnswerMarks.NONE, attempts, mayHaveRun, usage, "", new byte[] {'\n'});
  }

  private static RowFacts facts(int attempts, int mayHaveRun, Usage usage) {
    return new RowFacts(attempts, mayHaveRun, usage);
  }

  private RowFactsFile readBack(RowFactsFile file) {
    file.write(files, PATH);
    RowFactsFile read = RowFactsFile.read(files, PATH);
    assertThat(files.openReads()).as("files left open").isZero();
    assertThat(files.openFiles()).as("files left open").isZero();
    return read;
  }

  @Test
  void aFileHoldsItsNumbersSevenBitsAByte() {
    RowFactsFile file = new RowFactsFile(2, Map.of(130, facts(3, 1, USAGE)));

    assertThat(readBack(file)).isEqualTo(file);

    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.writeBytes(new byte[] {0x62, 0x66, 0x46, 0x31});
    expected.writeBytes(new byte[] {2, 1, (byte) 0x82, 1, 3, 1});
    expected.writeBytes(new byte[] {(byte) 0xac, 2, 5, 127, (byte) 0x80, 1});
    expected.writeBytes(new byte[] {-128, -128, -128, -128, -128, 32, 1});
    assertThat(files.content(PATH)).isEqualTo(expected.toByteArray());
  }

  @Test
  void theLargestNumbersAreKept() {
    Usage most = new Usage(Long.MAX_VALUE, 0, 0, 0, new Cost(Long.MAX_VALUE, 0));
    RowFactsFile file =
        new RowFactsFile(
            0, Map.of(Integer.MAX_VALUE, facts(Integer.MAX_VALUE, 0, most), 0, facts(0, 0, most)));

    assertThat(readBack(file)).isEqualTo(file);
  }

  @Test
  void aSplitThatAnEarlierVersionPublishedHasNone() {
    assertThat(RowFactsFile.read(files, PATH)).isEqualTo(RowFactsFile.NONE);
  }

  @Test
  void aFileThatIsDamagedIsNotReadAndNamed() {
    new RowFactsFile(1, Map.of(0, facts(1, 0, USAGE), 1, facts(2, 0, USAGE))).write(files, PATH);
    byte[] whole = files.content(PATH);
    for (int cut = 0; cut < whole.length; cut++) {
      files.put(PATH, Arrays.copyOf(whole, cut));
      assertThatThrownBy(() -> RowFactsFile.read(files, PATH))
          .as("cut at byte %d of %d", cut, whole.length)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(PATH);
    }
    byte[] other = whole.clone();
    other[3]++;
    files.put(PATH, other);
    assertThatThrownBy(() -> RowFactsFile.read(files, PATH))
        .isInstanceOf(StorageException.class)
        .hasRootCauseMessage("the file is not one of the facts of rows");
    byte[] endless = Arrays.copyOf(whole, 40);
    Arrays.fill(endless, 4, 40, (byte) 0x80);
    files.put(PATH, endless);
    assertThatThrownBy(() -> RowFactsFile.read(files, PATH))
        .isInstanceOf(StorageException.class)
        .hasRootCauseMessage("a number is too long");
    assertThat(files.openReads()).as("files left open").isZero();
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    files.failWrites();

    assertThatThrownBy(() -> RowFactsFile.NONE.write(files, PATH))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(PATH);
  }

  @Test
  void theTriesOfARowAddUp() {
    SpentOnRows spent = new SpentOnRows(4);
    spent.add(entry(1, 2, 1, new Usage(10, 5, 1, 2, Cost.of(7))));
    spent.add(entry(3, 1, 0, new Usage(1, 1)));
    spent.add(entry(1, 3, 1, new Usage(20, 6, 3, 4, Cost.UNKNOWN)));

    RowFactsFile all = spent.with(RowFactsFile.NONE, 0);

    assertThat(all.round()).isZero();
    assertThat(all.rows())
        .isEqualTo(
            Map.of(
                1,
                facts(5, 2, new Usage(30, 11, 4, 6, new Cost(7, 1))),
                3,
                facts(1, 0, new Usage(1, 1))));
    assertThat(all.rows().keySet()).as("in the order of the lines").containsExactly(1, 3);
  }

  @Test
  void aReopeningAddsToWhatWasSpentBefore() {
    SpentOnRows spent = new SpentOnRows(3);
    spent.add(entry(1, 1, 0, new Usage(1, 1)));
    spent.add(entry(2, 1, 0, new Usage(2, 2)));
    Map<Integer, RowFacts> before =
        Map.of(0, facts(4, 0, new Usage(9, 9)), 1, facts(3, 1, new Usage(8, 8)));

    RowFactsFile all = spent.with(new RowFactsFile(1, before), 2);

    assertThat(all)
        .isEqualTo(
            new RowFactsFile(
                2,
                Map.of(
                    0,
                    facts(4, 0, new Usage(9, 9)),
                    1,
                    facts(4, 1, new Usage(9, 9)),
                    2,
                    facts(1, 0, new Usage(2, 2)))));
  }

  /** The facts were moved into place, and the process died before the split was committed. */
  @Test
  void whatACrashLeftOfTheSameRoundIsNotAddedTwice() {
    SpentOnRows spent = new SpentOnRows(2);
    spent.add(entry(0, 1, 0, new Usage(1, 1)));
    spent.add(entry(1, 1, 0, new Usage(2, 2)));
    Map<Integer, RowFacts> before = Map.of(0, facts(5, 0, new Usage(6, 6)));

    assertThat(spent.with(new RowFactsFile(2, before), 2).rows())
        .isEqualTo(Map.of(0, facts(5, 0, new Usage(6, 6)), 1, facts(1, 0, new Usage(2, 2))));
    assertThat(spent.with(new RowFactsFile(0, before), 0).rows())
        .as("a split that was never reopened")
        .containsEntry(0, facts(6, 0, new Usage(7, 7)));
  }

  @Test
  void theFactsOfASplitAreWrittenWithItsParts() {
    Usage priced = new Usage(300, 5, 127, 128, Cost.of(1L << 40));
    List<SegmentRange> ranges;
    String folder = "/out/_journal/segments";
    try (JournalWriter writer =
        new JournalWriter(files, folder, 1, "w", new VirtualTime(), Duration.ofSeconds(1))) {
      writer.append(0, entry(0, 2, 1, priced));
      writer.append(0, entry(0, 1, 0, priced));
      writer.flush().toCompletableFuture().join();
      ranges = writer.ranges(0);
    }

    new SplitAssembler(files, folder, 1)
        .assemble(2, ranges, null, "/r", "/e", new SplitAssembler.FactsFiles("/absent", PATH));

    assertThat(RowFactsFile.read(files, PATH))
        .isEqualTo(new RowFactsFile(0, Map.of(0, facts(3, 1, priced.plus(priced)))));
  }
}
