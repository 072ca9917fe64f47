package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Usage;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.BatchNote.Step;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBatch.Phase;
import io.batchinfer.remote.RemoteBatch.Problem;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteException.Kind;
import io.batchinfer.remote.RemoteWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each step of a batch at a provider, in virtual time. */
class RemoteBatchesTest {
  private static final Duration POLL = Duration.ofSeconds(10);
  private static final Duration LAG = Duration.ofSeconds(30);
  private static final String CHAT = "/v1/chat/completions";

  private final ScriptedBatches provider = new ScriptedBatches();
  private LedRun run = run();
  private RemoteBook book = book();

  private static LedRun run(String... more) {
    Map<String, String> options = new TreeMap<>();
    options.put("via", "batch");
    options.put("poll-interval", "10s");
    options.put("max-poll-interval", "40s");
    options.put("batch-lag", "30s");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return new LedRun(options);
  }

  private RemoteBook book() {
    return RemoteBook.read(run.stored.folder, "job");
  }

  /** Batches of three rows and so many tokens each, one for a split. */
  private RemoteBatches batches(int count) {
    List<RemoteWork> works = new java.util.ArrayList<>();
    for (int split = 0; split < count; split++) {
      works.add(
          new RemoteWork(CHAT, "m", List.of(new Piece(split, 0, 4)), new Load(4, 4, 400, 100, 60)));
    }
    book.begin(works);
    return again();
  }

  /** What a later run of the job has. */
  private RemoteBatches again() {
    book = book();
    return new RemoteBatches(
        run.context,
        book,
        provider,
        provider,
        RemoteSettings.of(run.context.request().options()),
        new RemoteSpending(run.context.request().options(), run.job.prices(), book, Usage.NONE));
  }

  private BatchNote note(RemoteBatches batches, int index) {
    return batches.all().get(index).note();
  }

  private Step written(int number) {
    return book().all().stream()
        .filter(note -> note.number() == number)
        .findFirst()
        .orElseThrow()
        .step();
  }

  @Test
  void aBatchIsStoredCreatedReadAndCleared() throws InterruptedException {
    RemoteBatches batches = batches(1);
    run.steps(batches, 1);
    // Written down before its file may be there.
    assertThat(written(0)).isEqualTo(Step.UPLOADING);
    run.steps(batches, 2);
    assertThat(note(batches, 0).step()).isEqualTo(Step.CREATED);
    assertThat(note(batches, 0).bytes()).isEqualTo(77);
    assertThat(provider.orders).hasSize(1);
    assertThat(provider.orders.get(0).inputFile()).isEqualTo("file-1");
    assertThat(provider.orders.get(0).endpoint()).isEqualTo(CHAT);
    assertThat(provider.orders.get(0).model()).isEqualTo("m");
    assertThat(provider.orders.get(0).window()).isEqualTo("24h");
    assertThat(batches.isDone()).isFalse();

    provider.all(Phase.ENDED, "completed");
    run.pass(batches, POLL.plusSeconds(3));

    assertThat(written(0)).isEqualTo(Step.CLEARED);
    assertThat(batches.isDone()).isTrue();
    assertThat(provider.fetches).hasSize(1);
    assertThat(provider.calls).contains("delete out-batch-1", "delete file-1");
    assertThat(provider.times("create")).isOne();
    assertThat(run.notices).isEmpty();
  }

  @Test
  void aBatchThatRunsIsLookedAtAfterLongerAndLongerWaits() throws InterruptedException {
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);

    run.pass(batches, Duration.ofSeconds(9));
    assertThat(provider.times("get")).isZero();
    run.pass(batches, Duration.ofSeconds(1));
    assertThat(provider.times("get")).isOne();
    run.pass(batches, Duration.ofSeconds(14));
    assertThat(provider.times("get")).isOne();
    run.pass(batches, Duration.ofSeconds(1));
    assertThat(provider.times("get")).isEqualTo(2);
    run.pass(batches, Duration.ofMinutes(5));
    long before = provider.times("get");
    run.pass(batches, Duration.ofSeconds(400));
    assertThat(provider.times("get") - before).isEqualTo(10);
  }

  @Test
  void aCreationOfUnknownEffectIsLookedForBeforeItIsCreatedAgain() throws InterruptedException {
    provider.refuse("create", Kind.UNCERTAIN);
    provider.takesEffect = true;
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    assertThat(written(0)).isEqualTo(Step.CREATING);
    assertThat(run.notices).singleElement().asString().contains("is looked for before");

    run.pass(batches, POLL);

    assertThat(note(batches, 0).batch()).isEqualTo("batch-1");
    assertThat(provider.times("create")).isOne();
    assertThat(provider.batches).hasSize(1);
  }

  @Test
  void onlyWhenListsMustShowItIsItCreatedAgain() throws InterruptedException {
    provider.refuse("create", Kind.UNCERTAIN);
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);

    run.pass(batches, LAG.minusSeconds(1));
    assertThat(provider.times("create")).isOne();
    assertThat(provider.times("find")).isPositive();
    run.pass(batches, POLL.multipliedBy(2));

    assertThat(provider.times("create")).isEqualTo(2);
    assertThat(note(batches, 0).step()).isEqualTo(Step.CREATED);
  }

  @Test
  void aLaterRunWaitsByItsOwnTimeForWhatAnEarlierOneMayHaveCreated() throws InterruptedException {
    provider.refuse("create", Kind.UNCERTAIN);
    provider.takesEffect = true;
    provider.listed = false;
    RemoteBatches first = batches(1);
    run.steps(first, 3);
    run.time.advance(LAG.multipliedBy(10));

    RemoteBatches second = again();
    run.steps(second, 1);
    assertThat(provider.times("create")).isOne();
    provider.listed = true;
    run.pass(second, POLL);

    assertThat(note(second, 0).batch()).isEqualTo("batch-1");
    assertThat(provider.batches).hasSize(1);
  }

  @Test
  void aFileThatAnEarlierRunStoredIsNotStoredAgain() throws InterruptedException {
    RemoteBatches first = batches(1);
    run.steps(first, 1);
    assertThat(provider.times("upload")).isOne();

    RemoteBatches second = again();
    run.steps(second, 2);
    assertThat(provider.times("upload")).isOne();
    assertThat(note(second, 0).file()).isEqualTo("file-1");
    assertThat(note(second, 0).bytes()).isEqualTo(77);

    provider.stored.clear();
    book.write(note(second, 0).at(Step.UPLOADING, 0));
    RemoteBatches third = again();
    run.steps(third, 1);
    assertThat(provider.times("upload")).isEqualTo(2);
  }

  @Test
  void withoutAConnectionNothingWasCreatedAndFourTriesEndTheRun() throws InterruptedException {
    RemoteBatches batches = batches(1);
    for (int i = 0; i < 4; i++) {
      provider.refuse("create", Kind.UNREACHABLE);
      provider.refuse("upload", Kind.UNREACHABLE);
    }
    run.steps(batches, 2);
    assertThat(written(0)).isEqualTo(Step.UPLOADING);

    assertThatThrownBy(() -> run.pass(batches, Duration.ofSeconds(30)))
        .isInstanceOfSatisfying(
            RemoteEnd.class, end -> assertThat(end.end().exitCode()).isEqualTo(1));
    assertThat(provider.orders).isEmpty();
  }

  @Test
  void aCreationThatNeverLeftIsTriedAgainAsIfNothingHadHappened() throws InterruptedException {
    provider.refuse("create", Kind.UNREACHABLE);
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    assertThat(written(0)).isEqualTo(Step.UPLOADED);

    run.pass(batches, POLL.plusSeconds(1));

    assertThat(note(batches, 0).step()).isEqualTo(Step.CREATED);
    assertThat(provider.times("find")).isZero();
    assertThat(provider.orders.get(1).ownId()).isEqualTo(provider.orders.get(0).ownId());
  }

  @Test
  void whereThereIsNoRoomTheNextWaitsAsLongAsItIsTold() throws InterruptedException {
    provider.refuse("create", Kind.LATER, "", Duration.ofSeconds(25));
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    assertThat(written(0)).isEqualTo(Step.UPLOADED);

    run.pass(batches, Duration.ofSeconds(24));
    assertThat(provider.times("create")).isOne();
    run.pass(batches, Duration.ofSeconds(1));

    assertThat(provider.times("create")).isEqualTo(2);
    assertThat(note(batches, 0).step()).isEqualTo(Step.CREATED);
  }

  @Test
  void whatTheProviderRefusesForGoodEndsTheRunWithItsWords() throws InterruptedException {
    provider.refuse("create", Kind.REFUSED, "invalid_model", Duration.ZERO);
    RemoteBatches batches = batches(1);

    assertThatThrownBy(() -> run.steps(batches, 3))
        .isInstanceOfSatisfying(
            RemoteEnd.class,
            end -> {
              assertThat(end.end().status()).isEqualTo(JobStatus.STOPPED);
              assertThat(end.end().message()).contains("create refused", "give the same command");
            });
    assertThat(written(0)).isEqualTo(Step.UPLOADED);
  }

  @Test
  void oneThatIsTooMuchAloneIsHalved() throws InterruptedException {
    provider.phase = Phase.REFUSED;
    provider.problems =
        List.of(new Problem("token_limit_exceeded", "too many tokens", Optional.empty()));
    RemoteBatches batches = batches(1);
    for (int i = 0; i < 200 && batches.all().size() < 2; i++) {
      run.time.advance(Duration.ofSeconds(5));
      run.steps(batches, 1);
    }

    assertThat(batches.all())
        .extracting(BatchOnItsWay::work)
        .extracting(work -> work.pieces().get(0))
        .containsExactly(new Piece(0, 0, 2), new Piece(0, 2, 4));
    assertThat(provider.calls).contains("delete file-1");
    // Each try has an id of its own, since all of them have the same file.
    assertThat(provider.orders).extracting(order -> order.ownId()).doesNotHaveDuplicates();
    assertThat(run.notices).hasSize(1).first().asString().contains("too many tokens");
    assertThat(book().ofLastRound()).hasSize(2);
  }

  @Test
  void rowsThatTheProviderNamesEndAloneAndTheOthersAreAskedAgain() throws InterruptedException {
    provider.phase = Phase.REFUSED;
    provider.problems =
        List.of(
            new Problem("invalid", "no such field", Optional.of(2L)),
            new Problem("invalid", "too long", Optional.of(3L)));
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    run.pass(batches, POLL.plusSeconds(2));

    assertThat(provider.fetches).hasSize(1);
    assertThat(provider.fetches.get(0).refused()).containsExactly(2L, 3L);
    assertThat(provider.fetches.get(0).refusals()).containsExactly("no such field", "too long");
    assertThat(provider.fetches.get(0).files()).isEmpty();
    assertThat(provider.fetches.get(0).unansweredCode()).isEqualTo("batch_refused");
  }

  @Test
  void aFailureThatMayPassIsTriedAsOftenAsARowMayBe() throws InterruptedException {
    run = run("max-attempts", "3");
    book = book();
    provider.phase = Phase.REFUSED;
    provider.problems = List.of(new Problem("server_error", "trouble", Optional.empty()));
    RemoteBatches batches = batches(1);

    assertThatThrownBy(() -> run.pass(batches, Duration.ofMinutes(10)))
        .isInstanceOf(RemoteEnd.class)
        .hasMessageContaining("trouble");
    assertThat(provider.orders).hasSize(3);
    assertThat(provider.orders).extracting(order -> order.ownId()).doesNotHaveDuplicates();
  }

  @Test
  void anEndWithoutAReasonSaysItsStatus() throws InterruptedException {
    run = run("max-attempts", "1");
    book = book();
    provider.phase = Phase.REFUSED;
    RemoteBatches batches = batches(1);

    assertThatThrownBy(() -> run.pass(batches, Duration.ofMinutes(10)))
        .hasMessageContaining("it is failed, without a reason");
  }

  @Test
  void answersThatAreNotAllThereAreReadAgainUntilTheyMustBe() throws InterruptedException {
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    provider.all(Phase.ENDED, "completed");
    provider.fetched = new Fetched(null, "2 of 3 lines", false);
    run.pass(batches, Duration.ofMinutes(3));

    assertThat(provider.fetches.get(0).lines()).isEqualTo(3);
    assertThat(provider.fetches.get(0).unansweredCode()).isEmpty();
    assertThat(provider.fetches.get(1).lines()).isEqualTo(3);
    assertThat(provider.fetches)
        .last()
        .satisfies(
            order -> {
              assertThat(order.lines()).isZero();
              assertThat(order.unansweredCode()).isEqualTo("batch_row_missing");
            });
    provider.fetched = new Fetched(new BatchNote.Result(2, 1, 5, 0), "", false);
    run.pass(batches, Duration.ofMinutes(2));
    assertThat(note(batches, 0).result().unanswered()).isOne();
    assertThat(run.notices).last().asString().contains("5 answers more than once");
  }

  @Test
  void answersThatCanNeverBeReadEndTheRunAfterThirtyTries() throws InterruptedException {
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    provider.all(Phase.ENDED, "completed");
    provider.fetched = new Fetched(null, "torn", false);

    assertThatThrownBy(() -> run.pass(batches, Duration.ofMinutes(60)))
        .isInstanceOf(RemoteEnd.class)
        .hasMessageContaining("torn");
    assertThat(provider.fetches).hasSize(31);
  }

  @Test
  void rowsOfABatchThatExpiredMayHaveNoLine() throws InterruptedException {
    RemoteBatches batches = batches(2);
    run.steps(batches, 3);
    provider.all(Phase.ENDED, "expired");
    run.pass(batches, POLL.plusSeconds(2));

    assertThat(provider.fetches).hasSize(2);
    assertThat(provider.fetches.get(0).unansweredCode()).isEqualTo("batch_expired");
    assertThat(provider.fetches.get(0).unansweredMessage()).contains("ended as expired");
    assertThat(provider.fetches.get(0).lines()).isEqualTo(3);
  }

  @Test
  void noMoreAreThereAtATimeThanMayBe() throws InterruptedException {
    run = run("batch-pending", "2");
    book = book();
    RemoteBatches batches = batches(3);
    run.steps(batches, 5);
    assertThat(provider.times("upload")).isEqualTo(2);

    provider.all(Phase.ENDED, "completed");
    run.pass(batches, POLL.plusSeconds(4));
    assertThat(provider.times("upload")).isEqualTo(3);
  }

  @Test
  void queuedTokensAreHeldToTheirLimitButOneBatchMayAlwaysGo() throws InterruptedException {
    run = run("batch-queued-tokens", "250");
    book = book();
    RemoteBatches batches = batches(3);
    run.steps(batches, 5);

    assertThat(provider.times("upload")).isEqualTo(2);
  }

  @Test
  void aCapOnTokensKeepsTheNextBatchHere() throws InterruptedException {
    run = run("max-total-tokens", "250");
    book = book();
    RemoteBatches batches = batches(3);
    run.steps(batches, 5);
    assertThat(provider.times("upload")).isEqualTo(2);
    assertThat(batches.isCapped()).isFalse();

    provider.all(Phase.ENDED, "completed");
    run.pass(batches, POLL.plusSeconds(4));

    assertThat(batches.isCapped()).isTrue();
    batches.submitNothingMore();
    assertThat(batches.isDone()).isTrue();
    assertThat(provider.times("upload")).isEqualTo(2);
  }

  @Test
  void filesStayWhereTheyAreWanted() throws InterruptedException {
    run = run("keep-remote-files", "true");
    book = book();
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    provider.all(Phase.ENDED, "completed");
    run.pass(batches, POLL.plusSeconds(4));

    assertThat(batches.isDone()).isTrue();
    assertThat(written(0)).isEqualTo(Step.FETCHED);
    assertThat(provider.times("delete")).isZero();
  }

  @Test
  void filesThatCannotBeDeletedEndNothing() throws InterruptedException {
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);
    provider.all(Phase.ENDED, "completed");
    provider.refuse("delete", Kind.REFUSED);
    run.pass(batches, POLL.plusSeconds(4));

    assertThat(batches.isDone()).isTrue();
    assertThat(run.notices).singleElement().asString().contains("stay at the provider");
  }

  @Test
  void aCancelReachesWhatRunsAndWhatTurnsOutToRun() throws InterruptedException {
    provider.refuse("create", Kind.UNCERTAIN);
    provider.takesEffect = true;
    RemoteBatches batches = batches(2);
    run.steps(batches, 3);
    assertThat(note(batches, 0).step()).isEqualTo(Step.CREATING);
    assertThat(note(batches, 1).step()).isEqualTo(Step.CREATED);

    batches.cancel();
    assertThat(provider.calls).contains("cancel batch-2").doesNotContain("cancel batch-1");
    run.pass(batches, POLL);

    assertThat(provider.calls).contains("cancel batch-1");
    provider.refuse("cancel", Kind.REFUSED);
    batches.cancel();
    assertThat(run.notices).last().asString().contains("was not cancelled");
  }

  @Test
  void nothingIsCreatedAnyMoreOnceNothingIsToBe() throws InterruptedException {
    RemoteBatches batches = batches(2);
    run.steps(batches, 2);
    assertThat(provider.times("upload")).isEqualTo(2);

    batches.submitNothingMore();
    run.pass(batches, Duration.ofMinutes(1));

    assertThat(provider.times("create")).isZero();
    assertThat(batches.isDone()).isTrue();
  }

  @Test
  void whoHasLostTheOutputCreatesNothing() throws InterruptedException {
    RemoteBatches batches = batches(1);
    batches.step();
    batches.step();
    run.time.advance(Duration.ofMinutes(2));
    run.takeOver();

    batches.step();

    assertThat(provider.times("create")).isZero();
    assertThat(written(0)).isEqualTo(Step.UPLOADED);
  }
}
