package io.batchinfer.journal;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.Usage;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JournalWriterTest {
  private static final String FOLDER = "/out/_journal/segments";
  private static final Duration INTERVAL = Duration.ofMillis(250);

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final VirtualTime time = new VirtualTime();

  private JournalWriter writer(InMemoryFiles store) {
    return new JournalWriter(store, FOLDER, 3, "w1", time, INTERVAL);
  }

  private static void await(CompletionStage<?> stage) throws Exception {
    stage.toCompletableFuture().get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
  }

  private static List<SegmentName> segments(InMemoryFiles store) {
    return store.list(FOLDER).stream()
        .flatMap(entry -> SegmentName.parse(entry.name()).stream())
        .sorted()
        .toList();
  }

  private static List<SegmentRange> directory(InMemoryFiles store, SegmentName name) {
    try (SegmentReader segment = SegmentReader.open(store, FOLDER, name)) {
      return segment.directory(0).ranges();
    }
  }

  /** Entry texts by split, as a new process finds them. */
  private static Map<Integer, List<String>> readBack(InMemoryFiles store) {
    Map<Integer, List<String>> found = new TreeMap<>();
    for (SegmentName name : segments(store)) {
      for (SegmentRange range : directory(store, name)) {
        List<JournalEntry> entries = Entries.decodeAll(SegmentReader.read(store, FOLDER, range));
        assertThat(entries).hasSize(range.count());
        entries.forEach(
            entry ->
                found
                    .computeIfAbsent(range.split(), unused -> new ArrayList<>())
                    .add(Entries.text(entry)));
      }
    }
    return found;
  }

  @Test
  void theLagIsTheAgeOfTheOldestRowThatIsNotDurable() throws Exception {
    CompletableFuture<Void> slow = new CompletableFuture<>();
    files.before(
        operation -> {
          if (operation.startsWith("sync ")) {
            slow.join();
          }
        });
    try (JournalWriter writer = writer(files)) {
      assertThat(writer.lag()).isZero();
      writer.append(0, Entries.answered(0, "first"));
      time.advance(Duration.ofMillis(40));
      writer.append(0, Entries.answered(1, "second"));
      assertThat(writer.lag()).isEqualTo(Duration.ofMillis(40));

      CompletionStage<Void> first = writer.flush();
      writer.append(0, Entries.answered(2, "third"));
      time.advance(Duration.ofMillis(50));
      assertThat(writer.lag()).as("while it is written").isEqualTo(Duration.ofMillis(90));

      slow.complete(null);
      await(first);
      assertThat(writer.lag()).as("of the third").isEqualTo(Duration.ofMillis(50));
      await(writer.flush());
      assertThat(writer.lag()).isZero();
    }
  }

  @Test
  void aSegmentCutAtAnyByteKeepsExactlyItsWholeBlocks() throws Exception {
    List<Integer> blockEnds = new ArrayList<>();
    String path = FOLDER + "/" + new SegmentName(3, "w1", 0).fileName();
    try (JournalWriter writer = writer(files)) {
      for (int block = 0; block < 4; block++) {
        for (int split = 0; split <= block; split++) {
          writer.append(split, Entries.answered(block, "block " + block + " split " + split));
        }
        await(writer.flush());
        blockEnds.add(files.content(path).length);
      }
    }
    byte[] whole = files.content(path);
    for (int cut = 0; cut <= whole.length; cut++) {
      InMemoryFiles torn = InMemoryFiles.filesystem();
      torn.put(path, Arrays.copyOf(whole, cut));
      int end = cut;
      int wholeBlocks = (int) blockEnds.stream().filter(blockEnd -> blockEnd <= end).count();
      Map<Integer, List<String>> expected = new TreeMap<>();
      for (int block = 0; block < wholeBlocks; block++) {
        for (int split = 0; split <= block; split++) {
          expected
              .computeIfAbsent(split, unused -> new ArrayList<>())
              .add("block " + block + " split " + split);
        }
      }
      assertThat(readBack(torn)).as("cut at byte %d of %d", cut, whole.length).isEqualTo(expected);
    }
  }

  @Test
  void rowsWhoseEntriesAreNotWhatWasWrittenAreOpen() throws Exception {
    String path = FOLDER + "/" + new SegmentName(3, "w1", 0).fileName();
    int firstBlock;
    try (JournalWriter writer = writer(files)) {
      writer.append(0, Entries.answered(0, "first"));
      await(writer.flush());
      firstBlock = files.content(path).length;
      writer.append(0, Entries.answered(1, "second"));
      await(writer.flush());
    }
    byte[] whole = files.content(path);
    for (int position = firstBlock; position < whole.length; position++) {
      byte[] damaged = whole.clone();
      damaged[position] ^= 0x10;
      files.put(path, damaged);
      Replay replay = Replay.of(files, FOLDER, 0, segments(files));
      assertThat(replay.settled().stream().toArray())
          .as("lines settled with a bit flipped in byte %d", position)
          .containsExactly(0);
      assertThat(replay.ranges()).hasSize(1);
    }
  }

  @Test
  void anAnswerThatChangedSinceItWasWrittenIsNotReadAsOne() throws Exception {
    String path = FOLDER + "/" + new SegmentName(3, "w1", 0).fileName();
    SegmentRange range;
    try (JournalWriter writer = writer(files)) {
      writer.append(0, Entries.answered(0, "an answer"));
      await(writer.flush());
      range = writer.ranges(0).get(0);
    }
    byte[] whole = files.content(path);
    for (long at = range.offset(); at < range.offset() + range.length(); at++) {
      byte[] damaged = whole.clone();
      damaged[(int) at] ^= 0x10;
      files.put(path, damaged);
      assertThatThrownBy(() -> SegmentReader.read(files, FOLDER, range))
          .as("bit flipped in byte %d", at)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(path);
    }
  }

  @Test
  void rangesOfTheWriterAreThoseThatAReaderFinds() throws Exception {
    try (JournalWriter writer = writer(files)) {
      for (int line = 0; line < 3; line++) {
        writer.append(7, Entries.answered(line, "row " + line));
        writer.append(8, Entries.answered(line, "row " + line));
        await(writer.flush());
      }
      List<SegmentRange> read =
          segments(files).stream()
              .flatMap(name -> directory(files, name).stream())
              .filter(range -> range.split() == 7)
              .toList();
      assertThat(writer.ranges(7)).isEqualTo(read).hasSize(3);
      writer.forget(7);
      assertThat(writer.ranges(7)).isEmpty();
      assertThat(writer.ranges(8)).hasSize(3);
    }
  }

  @Test
  void theIntervalFlushesWithoutBeingAsked() throws Exception {
    try (JournalWriter writer = writer(files)) {
      CompletionStage<Void> durable = writer.append(0, Entries.answered(0, "row"));
      assertThat(writer.unflushedBytes()).isPositive();
      time.advance(INTERVAL);
      await(durable);
      assertThat(readBack(files)).isEqualTo(Map.of(0, List.of("row")));
      assertThat(writer.unflushedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFlushThatHasEndedHasMadeEveryEarlierRowDurable(boolean objectStore) throws Exception {
    InMemoryFiles store = objectStore ? InMemoryFiles.objectStore() : InMemoryFiles.filesystem();
    int threads = 8;
    int perThread = 200;
    Queue<Throwable> problems = new ConcurrentLinkedQueue<>();
    AtomicInteger flushes = new AtomicInteger();
    try (JournalWriter writer = writer(store)) {
      List<Thread> running = new ArrayList<>();
      CountDownLatch start = new CountDownLatch(1);
      for (int t = 0; t < threads; t++) {
        int split = t;
        Thread thread =
            new Thread(
                () -> {
                  try {
                    start.await();
                    for (int line = 0; line < perThread; line++) {
                      writer.append(split, Entries.answered(line, "row " + line));
                      if (line % 10 == 9) {
                        await(writer.flush());
                        flushes.incrementAndGet();
                        int durable =
                            writer.ranges(split).stream().mapToInt(SegmentRange::count).sum();
                        assertThat(durable).isEqualTo(line + 1);
                        SegmentRange last =
                            writer.ranges(split).get(writer.ranges(split).size() - 1);
                        SegmentReader.read(store, FOLDER, last);
                      }
                    }
                  } catch (Throwable problem) {
                    problems.add(problem);
                  }
                });
        running.add(thread);
        thread.start();
      }
      start.countDown();
      for (Thread thread : running) {
        thread.join();
      }
    }
    assertThat(problems).isEmpty();
    assertThat(flushes).hasValue(threads * perThread / 10);
    Map<Integer, List<String>> read = readBack(store);
    for (int split = 0; split < threads; split++) {
      assertThat(read.get(split)).as("split %d", split).hasSize(perThread);
    }
    assertThat(store.openFiles()).isZero();
  }

  @Test
  void aFlushWaitsForABlockThatIsStillBeingWritten() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    files.before(
        operation -> {
          if (operation.startsWith("sync")) {
            writing.countDown();
            awaitQuietly(mayGoOn);
          }
        });
    try (JournalWriter writer = writer(files)) {
      writer.append(0, Entries.answered(0, "row"));
      CompletionStage<Void> first = writer.flush();
      writing.await();
      CompletionStage<Void> second = writer.flush();
      assertThat(first.toCompletableFuture()).isNotDone();
      assertThat(second.toCompletableFuture()).isNotDone();
      mayGoOn.countDown();
      await(second);
      assertThat(readBack(files)).isEqualTo(Map.of(0, List.of("row")));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anObjectStoreGetsOneFilePerFlushAndAFilesystemOneThatGrows() throws Exception {
    InMemoryFiles objects = InMemoryFiles.objectStore();
    for (InMemoryFiles store : List.of(files, objects)) {
      try (JournalWriter writer = writer(store)) {
        for (int line = 0; line < 3; line++) {
          writer.append(0, Entries.answered(line, "row " + line));
          await(writer.flush());
          assertThat(readBack(store).get(0)).hasSize(line + 1);
        }
      }
    }
    assertThat(segments(files)).hasSize(1);
    assertThat(segments(objects)).hasSize(3);
  }

  @Test
  void aLargeSegmentIsFollowedByANewOne() throws Exception {
    String large = "x".repeat(5 << 20);
    try (JournalWriter writer = writer(files)) {
      for (int line = 0; line < 15; line++) {
        await(writer.append(0, Entries.answered(line, large)));
      }
      assertThat(segments(files)).extracting(SegmentName::number).containsExactly(0, 1);
      assertThat(writer.ranges(0)).isSortedAccordingTo(SplitAssembler.OLDEST_FIRST).hasSize(15);
    }
    assertThat(readBack(files).get(0)).hasSize(15);
  }

  @Test
  void aSegmentGoesWhenAllThatItHoldsIsPublishedAndItDoesNotGrowAnyMore() throws Exception {
    String large = "x".repeat(5 << 20);
    try (JournalWriter writer = writer(files)) {
      for (int line = 0; line < 15; line++) {
        await(writer.append(line < 3 ? 1 : 2, Entries.answered(line, large)));
      }
      assertThat(segments(files)).extracting(SegmentName::number).containsExactly(0, 1);

      writer.published(1);
      assertThat(segments(files)).as("split 2 is still open").hasSize(2);
      writer.published(2);
      assertThat(segments(files)).extracting(SegmentName::number).containsExactly(1);

      writer.append(3, Entries.answered(0, "row"));
      await(writer.flush());
      assertThat(readBack(files)).containsKeys(2, 3);
    }
  }

  @Test
  void everyFlushToAnObjectStoreIsASegmentThatGoesWithItsSplits() throws Exception {
    InMemoryFiles objects = InMemoryFiles.objectStore();
    try (JournalWriter writer = writer(objects)) {
      for (int line = 0; line < 4; line++) {
        writer.append(0, Entries.answered(line, "row " + line));
        if (line % 2 == 0) {
          writer.append(1, Entries.answered(line, "row " + line));
        }
        await(writer.flush());
      }

      writer.published(0);

      assertThat(readBack(objects).get(1)).containsExactly("row 0", "row 2");
      assertThat(segments(objects)).extracting(SegmentName::number).containsExactly(0, 2);
      writer.published(1);
      assertThat(segments(objects)).isEmpty();
    }
  }

  @Test
  void aSplitThatIsOnlyForgottenKeepsItsSegments() throws Exception {
    InMemoryFiles objects = InMemoryFiles.objectStore();
    try (JournalWriter writer = writer(objects)) {
      writer.append(0, Entries.answered(0, "row"));
      await(writer.flush());
      writer.forget(0);
      writer.append(1, Entries.answered(0, "row"));
      await(writer.flush());
      writer.published(1);

      assertThat(readBack(objects)).isEqualTo(Map.of(0, List.of("row")));
    }
  }

  @Test
  void afterAFailedWriteEveryRowIsReportedAsNotDurable() {
    try (JournalWriter writer = writer(files)) {
      files.failWrites();
      CompletionStage<Void> written = writer.append(0, Entries.answered(0, "row"));
      CompletionStage<Void> flushed = writer.flush();
      CompletionStage<Void> meanwhile = writer.append(0, Entries.answered(1, "row"));
      for (CompletionStage<Void> stage : List.of(written, flushed)) {
        assertThatThrownBy(() -> await(stage)).hasCauseInstanceOf(StorageException.class);
      }
      CompletionStage<Void> later = writer.flush();
      time.advance(INTERVAL);
      for (CompletionStage<Void> stage :
          List.of(later, meanwhile, writer.append(0, Entries.answered(2, "row")))) {
        assertThatThrownBy(() -> await(stage))
            .isInstanceOf(ExecutionException.class)
            .hasMessageContaining("no space left");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "write", "sync", "close"})
  void anErrorEndsWhatWaitsForTheFlushAndNothingIsWrittenBehindATornBlock(String operation) {
    InMemoryFiles store =
        operation.equals("close") ? InMemoryFiles.objectStore() : InMemoryFiles.filesystem();
    OutOfMemoryError failure = new OutOfMemoryError("scripted");
    List<Throwable> heard = new ArrayList<>();
    AtomicBoolean armed = new AtomicBoolean(true);
    try (JournalWriter writer = writer(store)) {
      writer.onFailure(heard::add);
      store.before(
          now -> {
            if (now.startsWith(operation + " ") && armed.compareAndSet(true, false)) {
              throw failure;
            }
          });
      CompletionStage<Void> durable = writer.append(1, Entries.answered(0, "torn"));

      assertThat(writer.flush().toCompletableFuture())
          .failsWithin(LONG_ENOUGH)
          .withThrowableThat()
          .withCause(failure);
      assertThat(durable.toCompletableFuture()).isCompletedExceptionally();
      assertThat(heard).containsExactly(failure);
      assertThat(writer.append(1, Entries.answered(1, "behind")).toCompletableFuture())
          .isCompletedExceptionally();
      assertThat(writer.flush().toCompletableFuture()).isCompletedExceptionally();
    }
    assertThat(readBack(store).toString()).doesNotContain("behind");
  }

  /** Nobody would find it there. */
  @Test
  void aBlockThatWaitsWhileAnotherIsTornIsNotWrittenBehindIt() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch mayFail = new CountDownLatch(1);
    AtomicBoolean armed = new AtomicBoolean(true);
    files.before(
        operation -> {
          if (operation.startsWith("sync ") && armed.compareAndSet(true, false)) {
            writing.countDown();
            awaitQuietly(mayFail);
            throw new IOException("the disk is away");
          }
        });
    try (JournalWriter writer = writer(files)) {
      writer.append(0, Entries.answered(0, "torn"));
      CompletionStage<Void> torn = writer.flush();
      writing.await();
      CompletionStage<Void> row = writer.append(0, Entries.answered(1, "behind"));
      CompletionStage<Void> behind = writer.flush();
      mayFail.countDown();
      for (CompletionStage<Void> stage : List.of(torn, row, behind)) {
        assertThatThrownBy(() -> await(stage)).hasRootCauseMessage("the disk is away");
      }
    }
    assertThat(readBack(files).toString()).doesNotContain("behind");
  }

  @Test
  void closingFlushesAndClosesTheFile() {
    JournalWriter writer = writer(files);
    writer.append(0, Entries.answered(0, "row"));
    writer.close();
    writer.close();
    assertThat(readBack(files)).isEqualTo(Map.of(0, List.of("row")));
    assertThat(files.openFiles()).isZero();
  }

  @Test
  void aRowThatComesAfterTheCloseIsNotTakenForDurable() {
    JournalWriter writer = writer(files);
    writer.close();
    assertThatThrownBy(() -> await(writer.append(0, Entries.answered(0, "row"))))
        .hasMessageContaining("closed");
    assertThat(readBack(files)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0",
    "1, 0, 5, 0",
    "0, 8589934592, 0, 1",
    "3, 4, 9223372036854775807, 0",
    "0, 0, 7, 0"
  })
  void anEntryKeepsWhatItHolds(long cached, long reasoning, long cost, long unpriced) {
    Usage usage = new Usage(1L << 40, 7, cached, reasoning, new Cost(cost, unpriced));
    JournalEntry entry =
        new JournalEntry(
            41,
            false,
            true,
            new AnswerMarks(true, false, true),
            3,
            2,
            usage,
            "http_429",
            new byte[] {1, 2, 3, 10});
    ByteBuffer buffer = ByteBuffer.allocate(entry.encodedLength());
    entry.encodeHead(buffer);
    buffer.put(entry.rendered());
    assertThat(buffer.hasRemaining()).isFalse();
    assertThat(JournalEntry.decode(buffer.flip())).usingRecursiveComparison().isEqualTo(entry);
  }

  @Test
  void anEntryOfAnEarlierVersionHasTokensOfUnknownPrice() {
    Usage usage = new Usage(10, 5, 0, 0, Cost.UNKNOWN);
    JournalEntry entry =
        new JournalEntry(
            3, true, false, AnswerMarks.NONE, 1, 0, usage, "", "row\n".getBytes(UTF_8));
    ByteBuffer earlier =
        ByteBuffer.allocate(4 + 4 + 1 + 2 + 2 + 8 + 8 + 1 + 4)
            .putInt(34)
            .putInt(3)
            .put((byte) 1)
            .putShort((short) 1)
            .putShort((short) 0)
            .putLong(10)
            .putLong(5)
            .put((byte) 0)
            .put("row\n".getBytes(UTF_8));

    assertThat(JournalEntry.decode(earlier.flip())).usingRecursiveComparison().isEqualTo(entry);
  }

  /** A watchdog tells by it whether rows that are settled become durable. */
  @Test
  void movementIsThereWhileRowsWaitAndChangesWithEveryFlush() throws Exception {
    try (JournalWriter writer = writer(files)) {
      assertThat(writer.movement()).as("nothing waits").isNegative();
      writer.append(0, Entries.answered(0, "first"));
      long before = writer.movement();
      assertThat(before).isNotNegative();
      await(writer.flush());
      assertThat(writer.movement()).as("nothing waits").isNegative();
      writer.append(0, Entries.answered(1, "second"));
      assertThat(writer.movement()).isGreaterThan(before);
    }
  }

  @Test
  void everyFlushIsHeardOnTheThreadThatWritesWhichEndsWithTheJournal() throws Exception {
    BlockingQueue<Thread> heard = new LinkedBlockingQueue<>();
    Thread thread;
    try (JournalWriter writer = writer(files)) {
      writer.onFlush(() -> heard.add(Thread.currentThread()));
      writer.append(0, Entries.answered(0, "first"));
      writer.flush();
      thread = heard.poll(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
      assertThat(thread).isNotNull();
      writer.append(0, Entries.answered(1, "second"));
      writer.flush();
      assertThat(heard.poll(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isSameAs(thread);
      assertThat(thread.getName()).isEqualTo("batchinfer-journal");
      assertThat(thread.isDaemon()).as("no JVM waits for it").isTrue();
    }
    thread.join(LONG_ENOUGH.toMillis());
    assertThat(thread.isAlive()).isFalse();
    assertThat(heard).as("flushes of nothing").isEmpty();
  }

  @Test
  void manyBytesAreWrittenBeforeTheIntervalIsOver() throws Exception {
    String quarter = "x".repeat((1 << 20) - 100);
    try (JournalWriter writer = writer(files)) {
      CompletionStage<Void> durable = writer.append(0, Entries.answered(0, quarter));
      for (int line = 1; line < 4; line++) {
        writer.append(line, Entries.answered(line, quarter));
      }
      assertThat(writer.unflushedBytes()).isLessThan(4 << 20).isGreaterThan(4L * quarter.length());
      assertThat(durable.toCompletableFuture()).isNotDone();

      writer.append(4, Entries.answered(4, "y".repeat(1000)));

      await(durable);
      assertThat(readBack(files)).containsOnlyKeys(0, 1, 2, 3, 4);
    }
  }

  /** What is beyond the widths of the entry's fields is cut there, and harms nothing else. */
  @Test
  void anEntryBeyondItsFieldsIsKeptAsFarAsTheyGo() {
    JournalEntry entry =
        new JournalEntry(
            7,
            false,
            false,
            AnswerMarks.NONE,
            40_000,
            33_000,
            new Usage(0, 3, 0, 0, Cost.of(2)),
            "c".repeat(300),
            "row\n".getBytes(UTF_8));

    JournalEntry read = recoded(entry);

    assertThat(read.attempts()).isEqualTo(Short.MAX_VALUE);
    assertThat(read.mayHaveRun()).isEqualTo(Short.MAX_VALUE);
    assertThat(read.error()).isEqualTo("c".repeat(255));
    assertThat(read.usage()).isEqualTo(entry.usage());
    assertThat(read.rendered()).isEqualTo(entry.rendered());
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0, 0", "0, 1, 0, 1", "1, 0, 0, 1"})
  void tokensWithoutAPriceAreOfUnknownCostAndNoTokensCostNothing(
      long prompt, long completion, long billionths, long unpriced) {
    Cost cost = new Cost(billionths, unpriced);
    JournalEntry entry =
        new JournalEntry(
            0,
            true,
            false,
            AnswerMarks.NONE,
            1,
            0,
            new Usage(prompt, completion).at(cost),
            "",
            new byte[] {'\n'});

    assertThat(entry.encodedLength()).isEqualTo(4 + 4 + 1 + 2 + 2 + 8 + 8 + 1 + 1);
    assertThat(recoded(entry).usage().cost()).isEqualTo(cost);
  }

  private static JournalEntry recoded(JournalEntry entry) {
    ByteBuffer buffer = ByteBuffer.allocate(entry.encodedLength());
    entry.encodeHead(buffer);
    buffer.put(entry.rendered());
    assertThat(buffer.hasRemaining()).isFalse();
    return JournalEntry.decode(buffer.flip());
  }

  /** Its directory would be of no length, since sixteen bytes for each are too many to count. */
  @Test
  void aBlockOfMoreSplitsThanThereCanBeIsNone() {
    SegmentName name = new SegmentName(3, "w1", 0);
    byte[] block =
        ByteBuffer.allocate(64).putInt(JournalBlock.MAGIC).putInt(1 << 28).putInt(0).array();
    files.put(FOLDER + "/" + name.fileName(), block);

    assertThat(directory(files, name)).isEmpty();
  }

  @Test
  void whatIsNoSegmentHasNoName() {
    SegmentName name = new SegmentName(3, "w1", 12);
    assertThat(name.fileName()).isEqualTo("e00000003-w1-00000012.segment");
    assertThat(SegmentName.parse(name.fileName())).contains(name);
    for (String other :
        List.of("e00000003-w1-00000012.segment.tmp", "e3-w1-00000012.segment", "x", "")) {
      assertThat(SegmentName.parse(other)).as(other).isEmpty();
    }
  }

  @Test
  void readersOfSeveralSplitsGetThoseThatHaveEntries() throws Exception {
    try (JournalWriter writer = writer(files)) {
      writer.append(1, Entries.answered(0, "one"));
      writer.append(3, Entries.refused(2, "three"));
      await(writer.flush());
    }

    Map<Integer, Replay> replays = Replay.of(files, FOLDER, Set.of(1, 2, 3), segments(files));

    Replay none = Replay.of(files, FOLDER, 2, segments(files));
    assertThat(replays).containsOnlyKeys(1, 3);
    Replay three = replays.getOrDefault(3, none);
    assertThat(replays.getOrDefault(1, none).settled().stream()).containsExactly(0);
    assertThat(three.settled().stream()).containsExactly(2);
    assertThat(three.counts().failed()).isEqualTo(1);
    assertThat(none.ranges()).isEmpty();
    assertThat(none.counts()).isEqualTo(Counts.ZERO);
  }
}
