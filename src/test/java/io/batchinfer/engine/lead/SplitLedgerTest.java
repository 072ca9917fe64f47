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
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SplitLedgerTest {
  private static final int SPLITS = 3;
  private static final int LINES = 10;
  private static final Duration RETENTION = Duration.ofSeconds(12);

  private final VirtualTime time = new VirtualTime();
  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final StoredJob job = new StoredJob(files, SPLITS, LINES);
  private final JobFolder folder = job.folder;
  private final SplitLedger ledger = ledger();
  private final Claimants workers = new Claimants(ledger);

  private SplitLedger ledger() {
    SplitLedger fresh =
        new SplitLedger(job.plan, folder, time.elapsed(), RETENTION, time, Runnable::run);
    fresh.sawSession("x");
    fresh.sawSession("y");
    return fresh;
  }

  private static PartCounts part(int round, Counts counts) {
    return new PartCounts(counts, round, 100, 0);
  }

  private static PartCounts whole() {
    return part(
        0,
        new Counts(new RowCounts(LINES, 0), new Spent(LINES, 0, new Usage(7, 3)), new TreeMap<>()));
  }

  /** Settles the first lines of a split in a process of its own. */
  private void journal(long epoch, String writer, int split, int lines) {
    try (JournalWriter journal =
        new JournalWriter(files, folder.segments(), epoch, writer, time, Duration.ofSeconds(1))) {
      for (int line = 0; line < lines; line++) {
        byte[] rendered = "{}\n".getBytes(StandardCharsets.US_ASCII);
        journal.append(
            split,
            new JournalEntry(
                line, true, false, AnswerMarks.NONE, 1, 0, new Usage(10, 5), "", rendered));
      }
    }
  }

  /** Lets time pass while the driver hears somebody who is none of the test's sessions. */
  private void pass(Duration duration) {
    Duration left = duration;
    while (left.compareTo(Duration.ZERO) > 0) {
      Duration step = left.compareTo(Duration.ofSeconds(1)) < 0 ? left : Duration.ofSeconds(1);
      time.advance(step);
      ledger.sawSession("somebody");
      left = left.minus(step);
    }
  }

  /** Lines that whoever claimed a split finds settled. */
  private int settled(ClaimAnswer answer) {
    SplitClaim claimed = answer.granted().orElseThrow();
    return Replay.of(files, folder.segments(), claimed.split(), claimed.segments())
        .settled()
        .cardinality();
  }

  private List<Integer> claimAll(String session, String worker) {
    List<Integer> claimed = new ArrayList<>();
    ledger.sawSession(session);
    for (Optional<SplitClaim> one = workers.claim(session, worker).granted();
        one.isPresent();
        one = workers.claim(session, worker).granted()) {
      claimed.add(one.get().split());
    }
    return claimed;
  }

  @Test
  void everySplitIsGivenOutOnceInInputOrder() {
    assertThat(claimAll("x", "w")).containsExactly(0, 1, 2);
  }

  @Test
  void whoComesToTheEndWaitsWhileOthersWorkAndIsSentAwayWhenTheyAreDone() {
    claimAll("x", "w");

    assertThat(workers.claim("y", "v")).isNotEqualTo(Nothing.FINISHED);
    for (int split = 0; split < SPLITS; split++) {
      ledger.committed(split, "x", whole());
    }
    assertThat(workers.claim("y", "v")).isEqualTo(Nothing.FINISHED);
    assertThat(ledger.isComplete()).isTrue();
  }

  @Test
  void aSplitOfASilentProcessIsGivenOutAgainOnlyWhenItCannotSendAnyMore() {
    claimAll("x", "w");
    pass(RETENTION);
    ledger.sawSession("y");
    assertThat(workers.claim("y", "v").granted()).isEmpty();

    pass(SplitLedger.LOOK_INTERVAL);

    assertThat(claimAll("y", "v")).containsExactly(0, 1, 2);
  }

  @Test
  void aProcessThatIsHeardOfKeepsItsSplits() {
    claimAll("x", "w");
    for (int i = 0; i < 5; i++) {
      pass(RETENTION);
      ledger.sawSession("x");
      assertThat(workers.claim("y", "v").granted()).isEmpty();
    }
  }

  @Test
  void whatASilentProcessJournalledLastIsHandedToTheNext() {
    claimAll("x", "w");
    journal(1, "x", 1, 4);
    pass(RETENTION.plusNanos(1));
    ledger.sawSession("z");

    workers.claim("z", "v");
    ClaimAnswer again = workers.claim("z", "v");

    assertThat(again.granted().orElseThrow().split()).isEqualTo(1);
    assertThat(settled(again)).isEqualTo(4);
  }

  @Test
  void onlyWhoHoldsASplitMayPublishIt() {
    claimAll("x", "w");
    assertThat(ledger.mayCommit(0, "x")).isTrue();
    assertThat(ledger.mayCommit(0, "y")).isFalse();
    pass(RETENTION.plusNanos(1));
    ledger.sawSession("z");
    workers.claim("z", "v");

    assertThat(ledger.mayCommit(0, "x")).isFalse();
    assertThat(ledger.mayCommit(0, "z")).isTrue();
    ledger.committed(0, "x", whole());
    assertThat(ledger.isCommitted(0)).isFalse();
    ledger.committed(0, "z", whole());
    assertThat(ledger.isCommitted(0)).isTrue();
    assertThat(ledger.mayCommit(0, "z")).isFalse();
  }

  @Test
  void aWorkerGivesBackItsOwnSplitsOnly() {
    workers.claim("x", "one");
    workers.claim("x", "two");
    journal(1, "x", 0, 2);

    ledger.release("x", "one");
    ClaimAnswer again = workers.claim("y", "v");

    assertThat(again.granted().orElseThrow().split()).isZero();
    assertThat(settled(again)).isEqualTo(2);
    assertThat(workers.claim("y", "v").granted().orElseThrow().split()).isEqualTo(2);
    assertThat(ledger.mayCommit(1, "x")).isTrue();
  }

  @Test
  void whatEarlierRunsPublishedAndJournalledIsTakenOver() {
    folder.commits().write(1, whole());
    journal(1, "old", 2, 4);

    Counts settled = ledger.recover(Map.of());

    assertThat(settled.settled()).isEqualTo(LINES + 4);
    assertThat(ledger.counts()).isEqualTo(whole().counts());
    assertThat(ledger.durableCounts()).isEqualTo(settled);
    assertThat(settled.succeeded()).isEqualTo(LINES + 4);
    assertThat(settled.usage()).isEqualTo(new Usage(47, 23));
    assertThat(claimAll("x", "w")).containsExactly(0, 2);
  }

  @Test
  void aReopenedSplitIsGivenOutUntilItIsPublishedInThatRound() {
    ReopenedSplit reopened =
        new ReopenedSplit(
            1,
            5,
            RowsAgain.FAILED,
            new Counts(new RowCounts(6, 0), new Spent(10, 0, new Usage(100, 50)), new TreeMap<>()));
    folder.commits().write(0, whole());
    folder.commits().write(1, part(1, whole().counts()));
    folder.commits().write(2, whole());

    long settled = ledger.recover(Map.of(0, reopened, 1, reopened)).settled();
    ClaimAnswer claimed = workers.claim("x", "w");

    assertThat(settled).isEqualTo(6 + 2 * LINES);
    assertThat(claimed.granted().orElseThrow().split()).isZero();
    assertThat(claimed.granted().orElseThrow().reopened()).contains(reopened);
    assertThat(ClaimAnswer.decode(claimed.encode())).isEqualTo(claimed);
    assertThat(ledger.counts().succeeded()).isEqualTo(6 + 2 * LINES);
    assertThat(workers.claim("x", "w").granted()).isEmpty();
    ledger.committed(0, "x", part(1, whole().counts()));
    assertThat(ledger.isComplete()).isTrue();
    assertThat(ledger.counts().succeeded()).isEqualTo(3 * LINES);
  }

  @Test
  void theJournalFromBeforeAReopeningIsNotTakenForIt() {
    ReopenedSplit reopened = new ReopenedSplit(1, 5, RowsAgain.FAILED, Counts.ZERO);
    folder.commits().write(0, whole());
    journal(4, "before", 0, 7);
    journal(5, "since", 0, 2);

    ledger.recover(Map.of(0, reopened));

    assertThat(settled(workers.claim("x", "w"))).isEqualTo(2);
  }

  /** Lets a process die that has claimed what it could get, until its splits are free again. */
  private List<Integer> claimAndDie(String name, Death death) {
    ledger.sawSession(name);
    ledger.runsIn(name, "executor-" + name);
    List<Integer> claimed = claimAll(name, "w");
    ledger.died("executor-" + name, death);
    pass(RETENTION.plusNanos(1));
    return claimed;
  }

  private ClaimAnswer claimIn(String session) {
    ledger.sawSession(session);
    return workers.claim(session, "w");
  }

  @Test
  void aSplitThatKilledTwoWorkersRunsLastAndAlone() {
    ledger.committed(0, "x", whole());
    for (String process : List.of("a", "b")) {
      ledger.sawSession(process);
      ledger.runsIn(process, process);
      assertThat(workers.claim(process, "w").granted().orElseThrow().alone()).isFalse();
      ledger.died(process, Death.CRASHED);
      ledger.sessionEnded(process);
    }

    ClaimAnswer first = claimIn("c");
    ClaimAnswer second = claimIn("c");
    ClaimAnswer whileItHasOthers = claimIn("c");
    ledger.committed(1, "c", whole());
    ledger.committed(2, "c", whole());
    ClaimAnswer suspect = claimIn("c");

    assertThat(first.granted().orElseThrow().split()).isEqualTo(1);
    assertThat(second.granted().orElseThrow().split()).isEqualTo(2);
    assertThat(whileItHasOthers.granted()).isEmpty();
    assertThat(whileItHasOthers).isNotEqualTo(Nothing.FINISHED);
    assertThat(suspect.granted().orElseThrow().split()).isZero();
    assertThat(suspect.granted().orElseThrow().alone()).isTrue();
    assertThat(suspect.granted().orElseThrow().blamed()).isEmpty();
    assertThat(ClaimAnswer.decode(suspect.encode())).isEqualTo(suspect);
  }

  @Test
  void aProcessThatRunsASplitAloneGetsNothingElse() {
    claimAndDie("a", Death.CRASHED);
    claimAndDie("b", Death.CRASHED);

    assertThat(claimIn("c").granted().orElseThrow().alone()).isTrue();

    assertThat(claimIn("c").granted()).isEmpty();
    assertThat(claimIn("d").granted().orElseThrow().alone()).isTrue();
  }

  private void publishAllButTheFirst() {
    claimAll("x", "w");
    for (int split = 1; split < SPLITS; split++) {
      ledger.committed(split, "x", whole());
    }
    ledger.release("x", "w");
  }

  @Test
  void theRowThatWasAloneUnderWayIsBlamedForACrash() {
    publishAllButTheFirst();
    claimAndDie("a", Death.CRASHED);
    claimAndDie("b", Death.CRASHED);
    int split = claimIn("c").granted().orElseThrow().split();
    ledger.runsIn("c", "executor-c");
    ledger.trying(split, "c", 3);
    ledger.trying(split, "c", 4);
    ledger.died("executor-c", Death.CRASHED);
    pass(RETENTION.plusNanos(1));

    ClaimAnswer again = claimIn("d");

    assertThat(again.granted().orElseThrow().split()).isEqualTo(split);
    assertThat(again.granted().orElseThrow().alone()).isTrue();
    assertThat(again.granted().orElseThrow().blamed()).containsExactly(4);
  }

  @Test
  void onlyTheHolderOfASplitPutsTheBlameOnOneOfItsRows() {
    publishAllButTheFirst();
    claimAndDie("a", Death.CRASHED);
    claimAndDie("b", Death.CRASHED);
    int split = claimIn("c").granted().orElseThrow().split();
    ledger.runsIn("c", "executor-c");
    ledger.trying(split, "c", 4);
    ledger.trying(split, "zombie", 9);
    ledger.died("executor-c", Death.CRASHED);
    pass(RETENTION.plusNanos(1));

    assertThat(claimIn("d").granted().orElseThrow().blamed()).containsExactly(4);
  }

  @Test
  void anUnexplainedEndTellsHalfAsMuchAsACrash() {
    for (String process : List.of("a", "b", "c")) {
      claimAndDie(process, Death.UNEXPLAINED);
    }
    ClaimAnswer notYet = claimIn("d");
    ledger.runsIn("d", "d");
    ledger.died("d", Death.UNEXPLAINED);
    pass(RETENTION.plusNanos(1));

    for (String process : List.of("e", "f")) {
      ClaimAnswer alone = claimIn(process);
      assertThat(alone.granted().orElseThrow().alone())
          .isEqualTo(alone.granted().orElseThrow().split() == 0);
      while (alone.granted().orElseThrow().split() > 0) {
        ledger.committed(alone.granted().orElseThrow().split(), process, whole());
        alone = claimIn(process);
      }
      assertThat(alone.granted().orElseThrow().blamed()).isEmpty();
      ledger.runsIn(process, process);
      ledger.trying(0, process, 7);
      ledger.died(process, Death.UNEXPLAINED);
      pass(RETENTION.plusNanos(1));
    }

    assertThat(notYet.granted().orElseThrow().alone()).isFalse();
    assertThat(claimIn("g").granted().orElseThrow().blamed()).containsExactly(7);
  }

  @Test
  void processesThatAreTakenAwayTellNothing() {
    for (int i = 0; i < 20; i++) {
      claimAndDie("taken" + i, Death.TAKEN);
    }
    assertThat(claimIn("c").granted().orElseThrow().alone()).isFalse();
  }

  @Test
  void theEndOfAProcessCountsOnceAndAlsoWhenItIsToldLate() {
    ledger.sawSession("a");
    ledger.runsIn("a", "executor-a");
    claimAll("a", "w");
    pass(RETENTION.plusNanos(1));
    claimAndDie("b", Death.CRASHED);
    assertThat(claimIn("c").granted().orElseThrow().alone()).isFalse();
    ledger.release("c", "w");

    ledger.died("executor-a", Death.CRASHED);
    ledger.died("executor-a", Death.CRASHED);

    assertThat(claimIn("c").granted().orElseThrow().alone()).isTrue();
  }

  @Test
  void rowsThatAreClosedAreNotRunAlone() {
    claimAndDie("a", Death.CRASHED);
    claimAndDie("b", Death.CRASHED);
    ledger.closeRowsWith(ErrorCode.BATCH_CANCELLED);
    assertThat(claimAll("z", "w")).hasSize(SPLITS);
  }

  @Test
  void aClosedLedgerGivesNothingOut() {
    assertThat(ledger.isSending()).isTrue();
    ledger.close();

    assertThat(ledger.isSending()).isFalse();
    assertThat(workers.claim("x", "w")).isEqualTo(Nothing.FINISHED);
  }

  @Test
  void closingRowsGivesEveryOpenSplitOutOnceMoreWithTheCode() {
    workers.claim("x", "w");
    workers.claim("x", "w");
    ledger.committed(0, "x", whole());
    journal(1, "x", 1, 3);
    ledger.close();

    ledger.closeRowsWith(ErrorCode.BATCH_CANCELLED);
    assertThat(ledger.isSending()).isFalse();
    ClaimAnswer first = workers.claim("y", "v");

    assertThat(first.granted().orElseThrow().split()).isEqualTo(1);
    assertThat(first.granted().orElseThrow().closing()).contains(ErrorCode.BATCH_CANCELLED);
    assertThat(settled(first)).isEqualTo(3);
    assertThat(workers.claim("y", "v").granted().orElseThrow().split()).isEqualTo(2);
    assertThat(workers.claim("y", "v").granted()).isEmpty();
  }
}
