package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.testing.InMemoryFiles;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tasks of one submission share what one of them found out of its engine. */
class EngineFailuresTest {
  private final EngineFailures failures = new EngineFailures();
  private final WorkerSetting setting = task("s1");

  /** A task of that submission. */
  private static WorkerSetting task(String submission) {
    return new WorkerSetting(
        RunSpec.ofStrings(Map.of("base-url", "http://a:1"), "0".repeat(32), "/out"),
        InMemoryFiles.filesystem(),
        1,
        "token",
        message -> new CompletableFuture<>(),
        "p",
        "",
        new EnginePlace(List.of(), "", submission));
  }

  private void failsToStart(WorkerSetting task, ErrorCode code) {
    BatchException cause = new BatchException(code, "exit code 3");
    assertThatThrownBy(
            () ->
                failures.started(
                    task,
                    () -> {
                      throw cause;
                    }))
        .isSameAs(cause);
  }

  private void triesAgain(WorkerSetting task) throws InterruptedException {
    assertThat(failures.rethrown(task, () -> "made")).isEqualTo("made");
  }

  private void doesNotTry(WorkerSetting task) {
    assertThatThrownBy(() -> triesAgain(task))
        .isInstanceOfSatisfying(
            BatchException.class,
            thrown -> assertThat(thrown.code()).isEqualTo(ErrorCode.ENGINE_FAILED))
        .hasMessage("exit code 3");
  }

  @Test
  void whatIsMadeIsGivenBack() throws InterruptedException {
    assertThat(failures.rethrown(setting, () -> "made")).isEqualTo("made");
  }

  @Test
  void whatAnotherThreadCouldNotMakeIsThrownAsItsOwn() {
    BatchException cause = new BatchException(ErrorCode.ENGINE_FAILED, "no engine");
    IllegalStateException other = new IllegalStateException("not of an engine");

    assertThatThrownBy(
            () ->
                failures.rethrown(
                    setting,
                    () -> {
                      throw new IllegalStateException("made elsewhere", cause);
                    }))
        .isSameAs(cause);
    assertThatThrownBy(
            () ->
                failures.rethrown(
                    setting,
                    () -> {
                      throw other;
                    }))
        .isSameAs(other);
  }

  @Test
  void whatIsStartedIsGivenBack() {
    assertThat(failures.started(setting, () -> "engines")).isEqualTo("engines");
  }

  @Test
  void tasksOfASubmissionWhoseEngineDidNotComeUpDoNotTryAgainAndLaterOnesDo() throws Exception {
    failsToStart(setting, ErrorCode.ENGINE_FAILED);

    doesNotTry(task("s1"));
    triesAgain(task("s2"));
  }

  @Test
  void whatIsNoFailureOfTheEngineKeepsNobodyFromTrying() throws Exception {
    failsToStart(setting, ErrorCode.USAGE);

    triesAgain(task("s1"));
  }

  @Test
  void oldFailuresAreForgottenSoThatADriverThatRunsForMonthsDoesNotGrow() throws Exception {
    for (int i = 0; i <= 100; i++) {
      failsToStart(task("s" + i), ErrorCode.ENGINE_FAILED);
    }

    triesAgain(task("s0"));
    doesNotTry(task("s1"));
    doesNotTry(task("s100"));
  }

  @Test
  void aTaskThatEndsWhileItsEngineStartsSaysSoAndStaysInterrupted() throws Exception {
    assertThatThrownBy(
            () ->
                failures.started(
                    setting,
                    () -> {
                      throw new InterruptedException();
                    }))
        .isInstanceOfSatisfying(
            BatchException.class,
            thrown -> assertThat(thrown.code()).isEqualTo(ErrorCode.INTERRUPTED));

    assertThat(Thread.interrupted()).isTrue();
    triesAgain(setting);
  }
}
