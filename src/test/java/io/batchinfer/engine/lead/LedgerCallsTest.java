package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.lead.OpenSplits.Holder;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LedgerCallsTest {
  private final VirtualTime time = new VirtualTime();
  private final StoredJob job = new StoredJob(InMemoryFiles.filesystem(), 2, 1);
  private final ArrayDeque<Runnable> readings = new ArrayDeque<>();
  private final List<Set<Integer>> known = new ArrayList<>();
  private final LostJournals journals =
      new LostJournals(
          new JournalIndex(job.folder),
          readings::add,
          time,
          known::add,
          failure -> {
            throw failure;
          });
  private final LedgerCalls calls = new LedgerCalls();

  @Test
  void whatACallDecidedBeforeItFailedIsDone() {
    WaitingClaims waiting = new WaitingClaims(time.elapsed());
    CompletableFuture<ClaimAnswer> claim = new CompletableFuture<>();

    assertThatThrownBy(
            () ->
                calls.one(
                    journals,
                    call -> {
                      waiting
                          .add(new Holder("s", "w"), call.answers())
                          .whenComplete((answer, failure) -> claim.complete(answer));
                      waiting.finish(call.answers());
                      call.lost(1, Set.of("s"));
                      throw new IllegalStateException("in the middle");
                    }))
        .hasMessage("in the middle");

    assertThat(claim).isCompletedWithValue(Nothing.FINISHED);
    readings.remove().run();
    assertThat(known).containsExactly(Set.of(1));
  }

  @Test
  void answersAreGivenAlthoughTheJournalCannotBeRead() {
    WaitingClaims waiting = new WaitingClaims(time.elapsed());
    CompletableFuture<ClaimAnswer> claim = new CompletableFuture<>();
    LostJournals noThread =
        new LostJournals(
            new JournalIndex(job.folder),
            reading -> {
              throw new IllegalStateException("no thread");
            },
            time,
            known::add,
            failure -> {});

    assertThatThrownBy(
            () ->
                calls.one(
                    noThread,
                    call -> {
                      waiting
                          .add(new Holder("s", "w"), call.answers())
                          .whenComplete((answer, failure) -> claim.complete(answer));
                      waiting.finish(call.answers());
                      call.lost(0, Set.of("s"));
                      return true;
                    }))
        .hasMessage("no thread");

    assertThat(claim).isCompletedWithValue(Nothing.FINISHED);
  }

  @Test
  void theMostThatOneCallLookedAtIsKnown() {
    calls.one(
        journals,
        call -> {
          call.lost(0, Set.of("a"));
          call.lost(1, Set.of("a"));
          call.steps(3);
          return true;
        });
    calls.one(journals, call -> true);

    assertThat(calls.mostSteps()).isEqualTo(1 + 2 + 3);
  }
}
