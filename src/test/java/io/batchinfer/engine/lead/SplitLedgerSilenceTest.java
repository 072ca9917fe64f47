package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitLedgerSilenceTest {
  private static final Duration RETENTION = Duration.ofSeconds(12);

  private final VirtualTime time = new VirtualTime();
  private final SplitLedger ledger =
      new SplitLedger(
          new Plan(List.of(), List.of(split(0), split(1), split(2)), Hash128.ZERO),
          new JobFolder(InMemoryFiles.filesystem(), "/out"),
          time.elapsed(),
          RETENTION,
          time,
          Runnable::run);
  private final Claimants workers = new Claimants(ledger);

  private static Split split(int index) {
    return new Split(index, 0, "/in", 0, 0, 0, 0, 0, 1, 1, 0, Hash128.ZERO, 0);
  }

  /** Lets time pass while one process is heard every second. */
  private void pass(Duration duration, String heard) {
    for (long i = 0; i < duration.toSeconds(); i++) {
      time.advance(Duration.ofSeconds(1));
      ledger.sawSession(heard);
    }
  }

  private ClaimAnswer claim(String session) {
    ledger.sawSession(session);
    return workers.claim(session, "w");
  }

  @Test
  void aSplitOfASilentProcessIsGivenOutAgainOnlyAfterItsRetention() {
    assertThat(claim("a").granted().orElseThrow().split()).isZero();
    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(1);
    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(2);
    pass(RETENTION, "b");
    assertThat(claim("b")).isEqualTo(Nothing.LATER);
    pass(Duration.ofSeconds(1), "b");
    assertThat(claim("b").granted().orElseThrow().split()).isZero();
  }

  @Test
  void aProcessThatComesBackAfterItsRetentionIsGivenNothingMore() {
    claim("a");
    pass(RETENTION.plusSeconds(1), "b");
    assertThat(ledger.sawSession("a")).isFalse();
    assertThat(workers.claim("a", "w")).isEqualTo(Nothing.FINISHED);
    assertThat(ledger.sawSession("b")).isTrue();
  }

  @Test
  void whatItHadIsItsOwnUntilItHasSavedIt() {
    int split = claim("a").granted().orElseThrow().split();
    pass(RETENTION.plusSeconds(1), "b");
    ledger.sawSession("a");
    assertThat(claim("b").granted().orElseThrow().split()).isNotEqualTo(split);
    assertThat(claim("b").granted().orElseThrow().split()).isNotEqualTo(split);
    assertThat(claim("b")).isEqualTo(Nothing.LATER);
    ledger.release("a", "w");
    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(split);
  }

  @Test
  void aDriverThatDidNotListenTakesNobodyForDead() {
    int split = claim("a").granted().orElseThrow().split();
    claim("b");
    claim("b");
    time.advance(Duration.ofMinutes(5));
    assertThat(claim("b")).isEqualTo(Nothing.LATER);
    assertThat(ledger.sawSession("a")).isTrue();
    assertThat(ledger.mayCommit(split, "a")).isTrue();
  }

  @Test
  void aSplitOfAProcessThatIsCertainlyDeadIsGivenOutAtOnce() {
    int split = claim("a").granted().orElseThrow().split();
    ledger.sessionEnded("a");
    assertThat(ledger.mayCommit(split, "a")).isFalse();
    assertThat(claim("b").granted().orElseThrow().split()).isEqualTo(split);
  }
}
