package io.batchinfer.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Usage;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitAssemblerTest {
  private static final String FOLDER = "/out/_journal/segments";

  private final InMemoryFiles files = InMemoryFiles.filesystem();

  /** Writes the entries of one epoch, each inner list one flush. */
  private List<SegmentRange> written(long epoch, List<List<JournalEntry>> flushes) {
    try (JournalWriter writer =
        new JournalWriter(
            files, FOLDER, epoch, "w" + epoch, new VirtualTime(), Duration.ofSeconds(1))) {
      for (List<JournalEntry> flush : flushes) {
        flush.forEach(entry -> writer.append(0, entry));
        writer.flush().toCompletableFuture().join();
      }
      return writer.ranges(0);
    }
  }

  private String text(String path) {
    return files.find(path).isPresent()
        ? new String(files.content(path), StandardCharsets.UTF_8)
        : "";
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aTinyMemoryBudgetGivesTheSamePartsInInputOrder(long seed) {
    Random random = new Random(seed);
    int lines = 200;
    List<Integer> order = new ArrayList<>();
    for (int line = 0; line < lines; line++) {
      if (random.nextInt(10) > 0) {
        order.add(line);
      }
    }
    Collections.shuffle(order, random);
    List<List<JournalEntry>> flushes = new ArrayList<>();
    StringBuilder[] expected = {new StringBuilder(), new StringBuilder()};
    JournalEntry[] newest = new JournalEntry[lines];
    int at = 0;
    while (at < order.size()) {
      List<JournalEntry> flush = new ArrayList<>();
      for (int i = random.nextInt(20); i >= 0 && at < order.size(); i--) {
        JournalEntry entry = randomEntry(random, order.get(at++));
        newest[entry.line()] = entry;
        flush.add(entry);
      }
      flushes.add(flush);
    }
    List<SegmentRange> ranges = new ArrayList<>(written(1, flushes));
    List<JournalEntry> again = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      JournalEntry entry = randomEntry(random, random.nextInt(lines));
      newest[entry.line()] = entry;
      again.add(entry);
    }
    ranges.addAll(written(2, List.of(again)));
    Collections.shuffle(ranges, random);
    for (JournalEntry entry : newest) {
      if (entry != null) {
        expected[entry.success() ? 0 : 1].append(Entries.text(entry)).append('\n');
      }
    }

    for (long memory : new long[] {1, 100, 1000, 1L << 30}) {
      String results = "/out/r" + memory;
      String errors = "/out/e" + memory;
      SplitAssembler.Assembled assembled =
          new SplitAssembler(files, FOLDER, memory).assemble(lines, ranges, null, results, errors);
      assertThat(text(results))
          .as("seed %d, %d bytes", seed, memory)
          .isEqualTo(expected[0].toString());
      assertThat(text(errors))
          .as("seed %d, %d bytes", seed, memory)
          .isEqualTo(expected[1].toString());
      long rows = java.util.Arrays.stream(newest).filter(java.util.Objects::nonNull).count();
      assertThat((long) assembled.rows()).isEqualTo(rows);
      assertThat(assembled.counts().counts().settled()).isEqualTo(rows);
      long tries = order.size() + (long) again.size();
      assertThat(assembled.counts().counts().usage()).isEqualTo(new Usage(10 * tries, 5 * tries));
      assertThat(assembled.counts().resultBytes()).isEqualTo(expected[0].length());
      assertThat(assembled.counts().errorBytes()).isEqualTo(expected[1].length());
    }
  }

  private static JournalEntry randomEntry(Random random, int line) {
    String text = "line " + line + " " + "x".repeat(random.nextInt(60)) + random.nextInt(1000);
    return random.nextBoolean() ? Entries.answered(line, text) : Entries.refused(line, text);
  }

  @Test
  void theNewestOutcomeOfARowWinsAcrossFlushesAndEpochs() {
    List<SegmentRange> ranges =
        new ArrayList<>(
            written(
                1,
                List.of(
                    List.of(Entries.provisional(0, "expired"), Entries.refused(1, "first")),
                    List.of(Entries.answered(1, "second")))));
    ranges.addAll(written(2, List.of(List.of(Entries.answered(0, "answered")))));
    Collections.reverse(ranges);
    SplitAssembler.Assembled assembled =
        new SplitAssembler(files, FOLDER, 1 << 20).assemble(2, ranges, null, "/r", "/e");
    assertThat(text("/r")).isEqualTo("answered\nsecond\n");
    assertThat(files.find("/e")).isEmpty();
    assertThat(assembled.counts().counts().errors()).isEmpty();
  }

  @Test
  void aSplitWithoutSettledRowsMakesNoFile() {
    SplitAssembler.Assembled assembled =
        new SplitAssembler(files, FOLDER, 1).assemble(5, List.of(), null, "/r", "/e");
    assertThat(assembled.rows()).isZero();
    assertThat(files.paths()).isEmpty();
  }

  @Test
  void refusalsAreCountedByTheirCode() {
    List<SegmentRange> ranges =
        written(1, List.of(List.of(Entries.refused(0, "a"), Entries.refused(2, "b"))));
    SplitAssembler.Assembled assembled =
        new SplitAssembler(files, FOLDER, 1).assemble(3, ranges, null, "/r", "/e");
    assertThat(assembled.counts().counts().errors()).isEqualTo(Map.of("http_400", 2L));
    assertThat(assembled.counts().counts().failed()).isEqualTo(2);
  }

  @Test
  void replayReopensProvisionalRowsOnlyWhenAsked() {
    List<SegmentRange> first =
        written(
            1,
            List.of(
                List.of(
                    Entries.answered(0, "a"),
                    Entries.provisional(1, "expired"),
                    Entries.provisional(2, "expired"))));
    List<SegmentRange> second =
        written(2, List.of(List.of(Entries.answered(2, "answered at last"))));

    Replay replay =
        Replay.of(
            files, FOLDER, 0, List.of(new SegmentName(2, "w2", 0), new SegmentName(1, "w1", 0)));

    assertThat(replay.ranges()).containsExactly(first.get(0), second.get(0));
    assertThat(replay.settledLines(false).stream()).containsExactly(0, 1, 2);
    assertThat(replay.settledLines(true).stream()).containsExactly(0, 2);
    assertThat(replay.counts().settled()).isEqualTo(3);
    assertThat(replay.counts().attempts()).isEqualTo(4);
  }

  /** Writes one entry in a process of that name. */
  private void segment(long epoch, String writer, JournalEntry entry) {
    try (JournalWriter journal =
        new JournalWriter(files, FOLDER, epoch, writer, new VirtualTime(), Duration.ofSeconds(1))) {
      journal.append(0, entry);
    }
  }

  @Test
  void replayAndAssemblyAgreeOnTheNewestOutcomeInWhateverOrderSegmentsAreListed() {
    segment(1, "b", Entries.refused(0, "old"));
    segment(2, "a", Entries.answered(0, "new"));
    segment(1, "c", Entries.answered(1, "settled"));
    segment(3, "a", Entries.provisional(1, "closed since"));
    List<SegmentName> names =
        new ArrayList<>(
            files.list(FOLDER).stream()
                .flatMap(e -> SegmentName.parse(e.name()).stream())
                .toList());

    for (int turn = 0; turn < names.size(); turn++) {
      Collections.rotate(names, 1);
      for (List<SegmentName> order : List.of(List.copyOf(names), reversed(names))) {
        Replay replay = Replay.of(files, FOLDER, 0, order);

        assertThat(replay.settledLines(true).stream()).as("%s", order).containsExactly(0);
        assertThat(replay.counts().succeeded()).isEqualTo(1);
        assertThat(replay.damaged()).isZero();
        new SplitAssembler(files, FOLDER, 1).assemble(2, replay.ranges(), null, "/r", "/e");
        assertThat(text("/r")).isEqualTo("new\n");
        assertThat(text("/e")).isEqualTo("closed since\n");
        assertThat(files.openReads()).as("files left open").isZero();
      }
    }
  }

  private static List<SegmentName> reversed(List<SegmentName> names) {
    List<SegmentName> copy = new ArrayList<>(names);
    Collections.reverse(copy);
    return copy;
  }

  @Test
  void rangesThatAreNotWhatWasWrittenAreCountedAndLeftOut() {
    segment(1, "a", Entries.answered(0, "whole"));
    segment(1, "b", Entries.answered(1, "broken"));
    SegmentName broken = new SegmentName(1, "b", 0);
    byte[] content = files.content(FOLDER + "/" + broken.fileName());
    content[content.length - 2] ^= 1;
    files.put(FOLDER + "/" + broken.fileName(), content);

    Replay replay = Replay.of(files, FOLDER, 0, List.of(new SegmentName(1, "a", 0), broken));

    assertThat(replay.damaged()).isEqualTo(1);
    assertThat(replay.settled().stream()).containsExactly(0);
  }

  @Test
  void namesOfSegmentsAreOrderedByEpochThenNumberThenWriter() {
    List<SegmentName> ordered =
        List.of(
            new SegmentName(1, "b", 7),
            new SegmentName(2, "a", 0),
            new SegmentName(2, "b", 0),
            new SegmentName(2, "a", 1),
            new SegmentName(10, "a", 0));
    for (int i = 0; i < ordered.size(); i++) {
      for (int j = 0; j < ordered.size(); j++) {
        assertThat(Integer.signum(ordered.get(i).compareTo(ordered.get(j))))
            .isEqualTo(Integer.compare(i, j));
        boolean together = i == j || (i + j == 3 && Math.min(i, j) == 1);
        assertThat(ordered.get(i).isOfTheTimeOf(ordered.get(j))).isEqualTo(together);
      }
    }
  }
}
