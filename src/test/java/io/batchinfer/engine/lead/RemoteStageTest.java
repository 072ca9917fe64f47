package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBatch.Phase;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Round after round at a provider's batch service, in virtual time. */
class RemoteStageTest {
  private static final Duration BEAT = Duration.ofSeconds(1);

  private final ScriptedBatches provider = new ScriptedBatches();
  private LedRun run = run();

  private LedRun run(String... more) {
    Map<String, String> options = new TreeMap<>();
    options.put("via", "batch");
    options.put("poll-interval", "10s");
    options.put("batch-lag", "30s");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    LedRun made =
        new LedRun(options, Set.of(ErrorCode.BATCH_CANCELLED), Optional.empty(), Optional.empty());
    beat(made);
    return made;
  }

  private static void beat(LedRun of) {
    of.time.schedule(
        () -> {
          of.ownership.beat();
          beat(of);
        },
        BEAT);
  }

  private static Chunk chunk(int split, String model) {
    return new Chunk(
        "/v1/chat/completions", model, new Piece(split, 0, 4), new Load(4, 4, 400, 100, 60));
  }

  private RemoteStage stage() {
    QuotaAuthority quota =
        new QuotaAuthority(
            new EndpointQuota(new QuotaLimits(8, 0, 0, Duration.ofMinutes(15)), run.time, run.time),
            QuotaGroup.of(1),
            List.of(),
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            () -> true);
    EndReasons reasons =
        new EndReasons(run.context, run.stored.plan, run.ledger, run.recorder, quota);
    return new RemoteStage(
        run.context, run.job, run.ledger, run.recorder, reasons, provider, provider);
  }

  private void after(Duration delay, Runnable what) {
    run.time.schedule(what, delay);
  }

  private void ended(String status) {
    provider.all(Phase.ENDED, status);
  }

  private static End present(@Nullable End end) {
    return Objects.requireNonNull(end);
  }

  private RemoteBook book() {
    return RemoteBook.read(run.stored.folder, "any");
  }

  @Test
  void aRoundWhoseRowsAreAllAnsweredIsTheLast() {
    provider.rounds.add(List.of(chunk(0, "m"), chunk(1, "n")));
    after(Duration.ofMinutes(5), () -> ended("completed"));

    assertThat(stage().run()).isNull();

    assertThat(run.notices.get(0)).contains("8 requests", "2 batches");
    assertThat(provider.sorted).containsExactly(0, 1);
    assertThat(provider.times("cut")).isOne();
    assertThat(book().hasOpenRound()).isFalse();
    assertThat(provider.stored).isEmpty();
    assertThat(run.progress).isNotEmpty();
  }

  @Test
  void rowsWithoutAnAnswerMakeTheNextRound() {
    provider.rounds.add(List.of(chunk(0, "m")));
    provider.rounds.add(List.of(chunk(0, "m")));
    provider.fetched = new Fetched(new BatchNote.Result(4, 2, 0, 0), "", false);
    after(Duration.ofMinutes(5), () -> ended("expired"));
    after(Duration.ofMinutes(10), () -> ended("expired"));

    assertThat(stage().run()).isNull();

    assertThat(provider.orders).hasSize(2);
    assertThat(provider.times("cut")).isEqualTo(3);
    assertThat(provider.sorted).containsExactly(0, 1);
  }

  @Test
  void whereNoRowIsForABatchNothingIsAskedOfTheProvider() {
    assertThat(stage().run()).isNull();

    assertThat(provider.calls).containsExactly("cut");
  }

  @Test
  void aFileThatWasStoredTwiceIsDeletedInTheEnd() {
    provider.rounds.add(List.of(chunk(0, "m")));
    after(
        Duration.ofMinutes(5),
        () -> {
          String name = provider.stored.values().iterator().next();
          provider.stored.put("twin", name);
          provider.stored.put("of another job", "other");
          ended("completed");
        });

    assertThat(stage().run()).isNull();

    assertThat(provider.stored).containsOnlyKeys("of another job");
  }

  @Test
  void filesAreDeletedAlthoughTheProviderFailsNowAndThen() {
    provider.rounds.add(List.of(chunk(0, "m")));
    after(
        Duration.ofMinutes(5),
        () -> {
          String name = provider.stored.values().iterator().next();
          provider.stored.put("twin", name);
          ended("completed");
          provider.refuse("files", Kind.UNCERTAIN);
          provider.refuse("files", Kind.LATER);
        });

    assertThat(stage().run()).isNull();

    assertThat(provider.stored).isEmpty();
    assertThat(run.notices).noneMatch(notice -> notice.contains("may be left"));
  }

  @Test
  void filesThatMayBeLeftAreTold() {
    provider.rounds.add(List.of(chunk(0, "m")));
    for (int i = 0; i < 6; i++) {
      provider.refuse("files", Kind.UNCERTAIN);
    }
    after(Duration.ofMinutes(5), () -> ended("completed"));

    assertThat(stage().run()).isNull();

    assertThat(provider.times("files")).isEqualTo(6);
    assertThat(run.notices).last().asString().contains("Files may be left");
  }

  @Test
  void aRunThatIsToEndDoesNotWaitForAProviderThatFails() {
    provider.rounds.add(List.of(chunk(0, "m")));
    for (int i = 0; i < 6; i++) {
      provider.refuse("files", Kind.UNCERTAIN);
    }
    after(Duration.ofMinutes(5), () -> ended("completed"));
    provider.whenAsked("files", () -> after(BEAT, () -> run.interrupt.interrupt(130)));

    assertThat(stage().run()).isNull();

    assertThat(provider.times("files")).isOne();
    assertThat(run.notices).last().asString().contains("Files may be left");
  }

  @Test
  void aProviderThatDeletesNothingIsNotAskedTwice() {
    provider.rounds.add(List.of(chunk(0, "m")));
    provider.refuse("files", Kind.REFUSED);
    after(Duration.ofMinutes(5), () -> ended("completed"));

    assertThat(stage().run()).isNull();

    assertThat(provider.times("files")).isOne();
    assertThat(run.notices).last().asString().contains("Files may be left");
  }

  @Test
  void aCancelWaitsForWhatTheProviderStillAnswers() {
    provider.rounds.add(List.of(chunk(0, "m"), chunk(1, "n")));
    after(Duration.ofMinutes(1), () -> run.cancelled.set(true));
    after(Duration.ofMinutes(2), () -> ended("cancelled"));

    End end = present(stage().run());

    assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
    assertThat(provider.calls).contains("cancel batch-1", "cancel batch-2");
    assertThat(provider.sorted).containsExactly(0, 1);
    // A later run does not take the round for a whole one.
    assertThat(book().hasOpenRound()).isTrue();
  }

  @Test
  void aProviderThatDoesNotEndWhatIsCancelledIsNotWaitedForForEver() {
    provider.rounds.add(List.of(chunk(0, "m")));
    after(Duration.ofMinutes(1), () -> run.cancelled.set(true));

    End end = present(stage().run());

    assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
    assertThat(run.notices).last().asString().contains("did not end all batches");
    assertThat(Duration.ofNanos(run.time.nanos()))
        .isBetween(Duration.ofMinutes(16), Duration.ofMinutes(17));
  }

  @Test
  void anEarlierRunsRoundIsGoneOnWith() {
    provider.rounds.add(List.of(chunk(0, "m")));
    after(Duration.ofMinutes(1), () -> run.interrupt.interrupt(130));
    End end = present(stage().run());
    assertThat(end.exitCode()).isEqualTo(130);
    assertThat(provider.batches).hasSize(1);

    LedRun before = run;
    run = run();
    copyJournal(before, run);
    after(Duration.ofMinutes(1), () -> ended("completed"));

    assertThat(stage().run()).isNull();
    assertThat(run.notices.get(0)).contains("Batches of an earlier run");
    assertThat(provider.orders).hasSize(1);
    assertThat(provider.times("cut")).isOne();
  }

  private static void copyJournal(LedRun from, LedRun to) {
    String folder = from.stored.folder.remote() + "/";
    for (String path : from.files.paths()) {
      if (path.startsWith(folder)) {
        to.files.put(path, from.files.content(path));
      }
    }
  }

  @Test
  void aCapEndsTheRunOnceWhatItPaidForIsRead() {
    run = run("max-total-tokens", "150");
    provider.rounds.add(List.of(chunk(0, "m"), chunk(1, "n")));
    after(Duration.ofMinutes(5), () -> ended("completed"));

    End end = present(stage().run());

    assertThat(end.message()).contains("--max-total-tokens");
    assertThat(provider.orders).hasSize(1);
    assertThat(provider.sorted).containsExactly(0);
  }

  @Test
  void whatTheProviderRefusesForGoodIsTheEnd() {
    provider.rounds.add(List.of(chunk(0, "m")));
    provider.refuse("upload", Kind.REFUSED);

    End end = present(stage().run());

    assertThat(end.status()).isEqualTo(JobStatus.STOPPED);
    assertThat(end.message()).contains("upload refused");
  }
}
