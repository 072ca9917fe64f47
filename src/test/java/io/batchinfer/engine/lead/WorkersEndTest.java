package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is made of the end of the workers' stage. */
class WorkersEndTest {
  private static WorkersEnd of(Throwable thrown) throws InterruptedException {
    return WorkersEnd.of(CompletableFuture.failedFuture(thrown));
  }

  @Test
  void doneIsDone() throws InterruptedException {
    WorkersEnd end = WorkersEnd.of(CompletableFuture.completedFuture(null));

    assertThat(end.failure()).isNull();
    assertThat(end.words()).isEmpty();
    assertThatCode(end::refuseLasting).doesNotThrowAnyException();
  }

  @Test
  void aCancelledStageSaysSo() throws InterruptedException {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    cancelled.cancel(true);

    assertThat(WorkersEnd.of(cancelled).words()).contains("cancelled");
  }

  @Test
  void theInnermostCauseIsTold() throws InterruptedException {
    assertThat(of(new RuntimeException("outer", new IllegalStateException("inner"))).words())
        .contains("inner");
  }

  @Test
  void ofWhatSparkMakesOfAnExceptionOnlyOurOwnFirstLineIsTold() throws InterruptedException {
    String ofSpark =
        "Job aborted due to stage failure: Task 0 failed: "
            + BatchException.class.getName()
            + ": The key is wrong.\n\tat io.batchinfer.Somewhere\n";

    assertThat(of(new RuntimeException(ofSpark)).words()).contains("The key is wrong.");
    assertThat(
            of(new RuntimeException(
                    "aborted: " + StorageException.class.getName() + ": The disk is full."))
                .words())
        .contains("The disk is full.");
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"USAGE", "INTERNAL"})
  void whatWouldOnlyFailAgainIsThrown(ErrorCode code) throws InterruptedException {
    BatchException known = new BatchException(code, "No.");
    WorkersEnd end = of(new RuntimeException(known));

    assertThatThrownBy(end::refuseLasting).isSameAs(known);
  }

  @Test
  void anotherKnownEndIsLeftToTheRun() throws InterruptedException {
    WorkersEnd end = of(new BatchException(ErrorCode.HOST_UNREACHABLE, "No."));

    assertThatCode(end::refuseLasting).doesNotThrowAnyException();
  }

  @Test
  void anAnswerThatCannotBeKeptStopsTheRun() throws InterruptedException {
    WorkersEnd end =
        of(
            new RuntimeException(
                new StorageException("writing /out", new IOException("No space left"))));

    assertThatThrownBy(end::refuseLasting)
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED))
        .hasMessageContainingAll("No space left", "give the same command again");
  }
}
