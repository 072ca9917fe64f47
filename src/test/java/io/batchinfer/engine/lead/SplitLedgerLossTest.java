package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the ledger does when workers are lost: whom it keeps waiting, and what it reads. */
class SplitLedgerLossTest {
  private static final int LINES = 10;
  private static final InMemoryFiles.Before REFUSED =
      operation -> {
        throw new IOException("refused");
      };

  private final VirtualTime time = new VirtualTime();
  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final StoredJob job = new StoredJob(files, 4, LINES);
  private final JobFolder folder = job.folder;
  private final ArrayDeque<Runnable> readings = new ArrayDeque<>();

  /** Segments are read by several threads. */
  private final List<String> opened = Collections.synchronizedList(new ArrayList<>());

  private final SplitLedger ledger = ledger(job);
  private final Claimants workers = new Claimants(ledger);

  private SplitLedger ledger(StoredJob of) {
    return new SplitLedger(
        of.plan, of.folder, time.elapsed(), Duration.ofSeconds(12), time, readings::add);
  }

  private void finishReadings() {
    for (Runnable reading = readings.poll(); reading != null; reading = readings.poll()) {
      reading.run();
    }
  }

  private ClaimAnswer claim(String session) {
    ledger.sawSession(session);
    return workers.claim(session, "w");
  }

  private static PartCounts whole() {
    return new PartCounts(
        new Counts(new RowCounts(LINES, 0), new Spent(LINES, 0, Usage.NONE), new TreeMap<>()),
        0,
        100,
        0);
  }

  /** Settles one line of a split in a segment of its own. */
  private void journal(String writer, int split, int line, int bytes) {
    try (JournalWriter journal =
        new JournalWriter(files, folder.segments(), line, writer, time, Duration.ofSeconds(1))) {
      byte[] rendered = ("x".repeat(bytes) + "\n").getBytes(StandardCharsets.US_ASCII);
      journal.append(
          split,
          new JournalEntry(line, true, false, AnswerMarks.NONE, 1, 0, Usage.NONE, "", rendered));
    }
  }

  private BitSet settled(ClaimAnswer answer) {
    SplitClaim claimed = answer.granted().orElseThrow();
    return Replay.of(files, folder.segments(), claimed.split(), claimed.segments()).settled();
  }

  private void listenToOpens() {
    files.before(
        operation -> {
          if (operation.startsWith("open ")) {
            opened.add(operation.replaceFirst(".*/e\\d+-", "").replaceFirst("-.*", ""));
          }
        });
  }

  @Test
  void aLostSplitComesBackWhenItsJournalIsReadAndTheOthersAreGivenOutMeanwhile() {
    assertThat(claim("a").granted().orElseThrow().split()).isZero();
    journal("a", 0, 3, 10);
    ledger.sessionEnded("a");

    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(1);
    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(2);
    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(3);
    assertThat(claim("b")).isEqualTo(Nothing.LATER);
    finishReadings();

    ClaimAnswer again = claim("b");
    assertThat(again.granted().orElseThrow().split()).isZero();
    assertThat(settled(again).stream()).containsExactly(3);
  }

  @Test
  void onlySegmentsOfTheLostWriterAreReadAndNotTheirBodies() {
    claim("a");
    claim("b");
    for (int line = 1; line < 6; line++) {
      journal("a", 0, line, 1 << 20);
      journal("b", 1, line, 1 << 20);
    }
    listenToOpens();

    ledger.sessionEnded("a");
    finishReadings();

    assertThat(opened).hasSize(5).containsOnly("a");
    assertThat(files.randomlyRead()).isLessThan(5 * 3 * 4096);
  }

  @Test
  void whatWasReadOnceIsNotReadAgain() {
    claim("a");
    journal("a", 0, 1, 10);
    ledger.release("a", "w");
    finishReadings();
    long before = files.randomlyRead();
    claim("a");

    ledger.release("a", "w");
    finishReadings();

    assertThat(files.randomlyRead()).isEqualTo(before);
  }

  @Test
  void whatAZombieSavedAfterItsLossIsFoundAtTheNextLoss() {
    claim("zombie");
    ledger.sessionEnded("zombie");
    finishReadings();
    assertThat(claim("b").granted().orElseThrow().split()).isZero();
    journal("zombie", 0, 7, 10);
    journal("b", 0, 2, 10);

    ledger.sessionEnded("b");
    finishReadings();

    assertThat(settled(claim("c")).stream()).containsExactly(2, 7);
  }

  @Test
  void lossesWhileTheJournalIsReadAreReadTogether() {
    for (String session : List.of("a", "b", "c", "d")) {
      claim(session);
    }
    int[] lists = {0};
    files.before(
        operation -> {
          if (operation.startsWith("list ") && lists[0]++ == 0) {
            ledger.sessionEnded("b");
            ledger.sessionEnded("c");
            assertThat(readings).as("readings beside the one that goes on").isEmpty();
          }
        });
    ledger.sessionEnded("a");
    finishReadings();

    assertThat(lists[0]).isEqualTo(2);
    assertThat(
            List.of(
                claim("d").granted().orElseThrow().split(),
                claim("d").granted().orElseThrow().split(),
                claim("d").granted().orElseThrow().split()))
        .containsExactly(0, 1, 2);
  }

  @Test
  void aJournalThatCannotBeReadForAMomentIsReadLater() {
    claim("a");
    journal("a", 0, 3, 10);
    files.before(REFUSED);
    ledger.sessionEnded("a");
    finishReadings();
    files.before(operation -> {});
    time.advance(Duration.ofSeconds(30));
    finishReadings();

    assertThat(ledger.failure()).isNull();
    assertThat(settled(claim("b")).stream()).containsExactly(3);
  }

  @Test
  void aJournalThatCannotBeReadEndsTheRunInsteadOfPayingTwice() {
    for (int split = 0; split < 4; split++) {
      claim("a");
    }
    assertThat(claim("b")).isEqualTo(Nothing.LATER);
    files.before(REFUSED);
    ledger.sessionEnded("a");
    for (int i = 0; i < 100; i++) {
      finishReadings();
      ledger.sawSession("b");
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(ledger.failure()).hasMessageContaining(folder.segments());
    assertThat(claim("b")).isEqualTo(Nothing.FINISHED);
  }

  @Test
  void aSegmentThatIsDeletedMeanwhileHoldsNothing() {
    claim("a");
    claim("a");
    journal("a", 0, 3, 10);
    journal("a", 1, 4, 10);
    files.before(
        operation -> {
          if (operation.startsWith("open ") && operation.contains("e00000004")) {
            throw new IOException("no such file");
          }
          if (operation.startsWith("find ")) {
            files.before(unused -> {});
            files.delete(operation.substring("find ".length()));
          }
        });
    ledger.sessionEnded("a");
    finishReadings();

    assertThat(ledger.failure()).isNull();
    assertThat(claim("b").granted().orElseThrow().segments()).hasSize(1);
    assertThat(claim("b").granted().orElseThrow().segments()).isEmpty();
  }

  @Test
  void aClaimWaitsForWhatIsGivenBackAndIsAnsweredAtOnce() {
    for (int split = 0; split < 4; split++) {
      claim("a");
    }
    assertThat(claim("b")).isEqualTo(Nothing.LATER);
    assertThat(claim("c")).isEqualTo(Nothing.LATER);

    ledger.release("a", "w");
    finishReadings();

    assertThat(time.nanos()).isZero();
    assertThat(claim("b").granted().orElseThrow().split()).isZero();
    assertThat(claim("c").granted().orElseThrow().split()).isEqualTo(1);
  }

  @Test
  void whoWaitsIsSentAwayWhenTheLastSplitIsPublished() {
    for (int split = 0; split < 4; split++) {
      claim("a");
    }
    claim("b");
    for (int split = 0; split < 4; split++) {
      assertThat(claim("b")).isNotEqualTo(Nothing.FINISHED);
      ledger.committed(split, "a", whole());
    }

    assertThat(claim("b")).isEqualTo(Nothing.FINISHED);
  }

  @Test
  void aClaimIsAnsweredInTimeAlsoWhenThereIsNothing() {
    for (int split = 0; split < 4; split++) {
      claim("a");
    }
    var answer = ledger.claim("b", "w").toCompletableFuture();

    time.advance(SplitLedger.LONGEST_WAIT.minusMillis(1));
    assertThat(answer).isNotDone();
    time.advance(SplitLedger.LOOK_INTERVAL);

    assertThat(answer).isCompletedWithValue(Nothing.LATER);
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void whoDiedWhileItWaitedIsGivenNothing() {
    for (int split = 0; split < 4; split++) {
      claim("a");
    }
    var dead = ledger.claim("dead", "w").toCompletableFuture();
    var gone = ledger.claim("b", "gone").toCompletableFuture();
    claim("b");
    ledger.sessionEnded("dead");
    ledger.release("b", "gone");

    ledger.release("a", "w");
    finishReadings();

    assertThat(dead).isCompletedWithValue(Nothing.FINISHED);
    assertThat(gone).isCompletedWithValue(Nothing.FINISHED);
    assertThat(claim("b").granted().orElseThrow().split()).isZero();
  }

  @Test
  void whoWaitsAndIsSilentIsGivenNothing() {
    for (int split = 0; split < 4; split++) {
      claim("a");
    }
    ledger.sawSession("silent");
    var silent = ledger.claim("silent", "w").toCompletableFuture();
    claim("b");
    for (int i = 0; i < 4; i++) {
      time.advance(Duration.ofSeconds(1));
      ledger.sawSession("a");
      ledger.sawSession("b");
    }

    ledger.release("a", "w");
    finishReadings();

    assertThat(silent).isNotDone();
    assertThat(claim("b").granted().orElseThrow().split()).isZero();
  }

  @Test
  void noCallGoesThroughTheWholeJob() {
    StoredJob large = new StoredJob(InMemoryFiles.filesystem(), 20_000, 1);
    SplitLedger driver = ledger(large);
    driver.recover(Map.of());
    for (int round = 0; round < 100; round++) {
      for (int worker = 0; worker < 100; worker++) {
        String session = "s" + worker;
        driver.sawSession(session);
        int split =
            driver.claim(session, "w").toCompletableFuture().join().granted().orElseThrow().split();
        if (split % 10 != 0) {
          driver.committed(split, session, whole());
        }
      }
      driver.sessionEnded("s" + round);
      finishReadings();
    }

    assertThat(driver.committedSplits()).isGreaterThan(8_000);
    assertThat(driver.mostSteps()).isLessThan(300);
  }
}
