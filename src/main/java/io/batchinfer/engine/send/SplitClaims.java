package io.batchinfer.engine.send;

import io.batchinfer.engine.ClaimAnswer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A worker's claims to splits, as the driver knows them. Belongs to one worker. */
final class SplitClaims {
  private final DriverClient driver;
  private final String worker;
  private final ProcessFailure failure;
  private final WorkerWait waits;
  private @Nullable CompletableFuture<ClaimAnswer> asked;

  /**
   * @param worker its name, unique among all
   */
  SplitClaims(DriverClient driver, String worker, ProcessFailure failure, WorkerWait waits) {
    this.driver = driver;
    this.worker = worker;
    this.failure = failure;
    this.waits = waits;
  }

  String worker() {
    return worker;
  }

  /** Asks for a split. The driver lets the question wait until there is one. */
  ClaimAnswer claim() throws InterruptedException {
    CompletableFuture<ClaimAnswer> answer = driver.claim(worker).toCompletableFuture();
    asked = answer;
    CompletableFuture<ClaimAnswer> unused =
        answer.whenComplete((granted, thrown) -> waits.changed());
    while (!answer.isDone()) {
      failure.refuse();
      waits.awaitChange();
    }
    asked = null;
    return answer.join();
  }

  /** Gives back all that the worker has. */
  void giveBack() {
    driver.release(worker);
    giveBackWhatStillComes();
  }

  /** Messages may overtake each other: a split that is granted behind the release is released. */
  private void giveBackWhatStillComes() {
    CompletableFuture<ClaimAnswer> answer = asked;
    if (answer != null) {
      CompletableFuture<Void> unused =
          answer.thenAccept(
              granted -> {
                if (granted.granted().isPresent()) {
                  driver.giveBack(worker);
                }
              });
    }
  }
}
