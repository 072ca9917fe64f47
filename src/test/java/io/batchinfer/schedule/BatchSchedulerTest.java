package io.batchinfer.schedule;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.StoredWorkspace;
import io.batchinfer.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchSchedulerTest {
  private static final String OTHER = "other";

  private final StoredWorkspace stored = new StoredWorkspace();
  private final GatedRunners runners = new GatedRunners();
  private final List<BatchScheduler> schedulers = new ArrayList<>();
  private BatchRegistry registry = stored.registry();

  @AfterEach
  void stop() {
    schedulers.forEach(BatchScheduler::close);
  }

  /** A job that is one millisecond younger than those before. */
  private BatchJob job(String workspace) {
    stored.time.advance(Duration.ofMillis(1));
    return stored.job(workspace, stored.file(workspace, 2), BatchStatus.QUEUED);
  }

  private BatchScheduler start(int most, int mostOfWorkspace) {
    registry = stored.registry();
    BatchScheduler scheduler =
        new BatchScheduler(
            registry,
            runners,
            new InputCheck(registry, new InputCheck.Limits(100, 1 << 20, 1 << 20, false)),
            () -> most,
            mostOfWorkspace,
            stored.log::add);
    schedulers.add(scheduler);
    scheduler.start();
    return scheduler;
  }

  private BatchStatus status(BatchJob job) {
    return registry.job(job.workspace(), job.id()).orElseThrow().state().status();
  }

  private void await(BatchJob job, BatchStatus status) {
    Eventually.await(
        job.id() + " is " + status,
        LONG_ENOUGH,
        () -> status(job) == status,
        () -> status(job) + " " + stored.log);
  }

  private void awaitNothingRuns(BatchScheduler scheduler) {
    Eventually.await(
        "no run is at work", LONG_ENOUGH, () -> scheduler.runningJobs() == 0, stored.log::toString);
  }

  @Test
  void noMoreJobsRunThanMayAndTheOldestWaitingComesNext() {
    List<BatchJob> jobs = List.of(job(TEAM), job(TEAM), job(TEAM), job(TEAM));
    start(2, 2);
    runners.awaitStarted(2);

    assertThat(runners.started()).containsExactlyInAnyOrder(jobs.get(0).id(), jobs.get(1).id());
    assertThat(status(jobs.get(2))).isEqualTo(BatchStatus.QUEUED);

    runners.complete(jobs.get(1));
    runners.awaitStarted(3);
    await(jobs.get(1), BatchStatus.SUCCESS);

    assertThat(runners.started().get(2)).isEqualTo(jobs.get(2).id());
    assertThat(status(jobs.get(3))).isEqualTo(BatchStatus.QUEUED);
  }

  @Test
  void aWorkspaceWithFewerRunningJobsComesBeforeOneWithOlderWaitingOnes() {
    List<BatchJob> many = List.of(job(TEAM), job(TEAM), job(TEAM), job(TEAM));
    BatchJob late = job(OTHER);
    start(2, 2);
    runners.awaitStarted(2);

    assertThat(runners.started()).containsExactlyInAnyOrder(many.get(0).id(), late.id());
  }

  @Test
  void aWorkspaceRunsNoMoreJobsThanItMayWhileThereArePlaces() {
    BatchJob first = job(TEAM);
    BatchJob second = job(TEAM);
    BatchScheduler scheduler = start(4, 1);
    runners.awaitStarted(1);
    scheduler.wake();
    BatchJob late = job(OTHER);
    registry.refresh(OTHER, late.id());
    scheduler.wake();
    runners.awaitStarted(2);

    assertThat(runners.started()).containsExactly(first.id(), late.id());
    assertThat(status(second)).isEqualTo(BatchStatus.QUEUED);
  }

  @Test
  void aJobThatIsToEndNeedsNoPlace() {
    BatchJob running = job(TEAM);
    BatchJob cancelled = job(TEAM);
    BatchJob waiting = job(TEAM);
    BatchScheduler scheduler = start(1, 1);
    runners.awaitStarted(1);

    registry.cancel(TEAM, cancelled.id());
    scheduler.wake();
    runners.awaitStarted(2);
    runners.end(cancelled, job -> GatedRunners.record(job, JobStatus.CANCELLED, 0, 2));
    await(cancelled, BatchStatus.CANCELLED);

    assertThat(runners.started()).containsExactly(running.id(), cancelled.id());
    assertThat(status(waiting)).isEqualTo(BatchStatus.QUEUED);
  }

  @Test
  void aJobWhoseTimeIsOverEndsWithWhatItHas() {
    BatchJob running = job(TEAM);
    stored.time.advance(Duration.ofHours(1));
    BatchJob late = job(TEAM);
    BatchScheduler scheduler = start(1, 1);
    runners.awaitStarted(1);
    // The running one hears of its deadline by its terms; the waiting one is taken up to end.
    stored.time.advance(Duration.ofHours(24));
    scheduler.wake();
    runners.awaitStarted(2);

    assertThat(runners.started()).containsExactly(running.id(), late.id());
    runners.end(late, job -> GatedRunners.record(job, JobStatus.EXPIRED, 1, 1));
    await(late, BatchStatus.TIMEOUT_EXCEEDED);
    BatchJob.State end = registry.job(TEAM, late.id()).orElseThrow().state();
    assertThat(end.counts().succeeded() + end.counts().failed()).isEqualTo(end.total());
  }

  @Test
  void whatTheOperatorCanMendIsTriedAgainLaterAndDoesNotStopTheOthers() {
    BatchJob refused = job(TEAM);
    BatchJob next = job(TEAM);
    BatchScheduler scheduler = start(1, 1);
    runners.awaitStarted(1);

    runners.fail(refused, new BatchException(ErrorCode.AUTHENTICATION_FAILED, "no such key"));
    runners.awaitStarted(2);

    assertThat(runners.started()).containsExactly(refused.id(), next.id());
    assertThat(status(refused)).isEqualTo(BatchStatus.RUNNING);
    assertThat(registry.job(TEAM, refused.id()).orElseThrow().state().problems())
        .singleElement()
        .extracting(BatchJob.Problem::code)
        .isEqualTo("endpoint_unavailable");

    runners.complete(next);
    await(next, BatchStatus.SUCCESS);
    stored.time.advance(Duration.ofSeconds(10));
    scheduler.wake();
    runners.awaitStarted(3);
    runners.complete(refused);
    await(refused, BatchStatus.SUCCESS);
    assertThat(registry.job(TEAM, refused.id()).orElseThrow().state().problems()).isEmpty();
  }

  @Test
  void whatNobodyCanMendEndsTheJobInWordsForItsAuthor() {
    BatchJob job = job(TEAM);
    start(1, 1);
    runners.awaitStarted(1);

    runners.fail(job, new BatchException(ErrorCode.INVALID_INPUT, "the file /data/x is not there"));
    await(job, BatchStatus.FAILED);

    BatchJob.State end = registry.job(TEAM, job.id()).orElseThrow().state();
    assertThat(end.problems())
        .singleElement()
        .extracting(BatchJob.Problem::code)
        .isEqualTo("invalid_input");
    assertThat(end.problems().get(0).message()).doesNotContain("/data/x");
    assertThat(stored.log).anyMatch(line -> line.contains("/data/x"));
  }

  @Test
  void theNextServiceGoesOnWithWhatTheLastOneHadTakenUpBeforeItBeginsAnything() {
    BatchJob older = stored.unstored(TEAM, stored.file(TEAM, 1), 1, "hash", null);
    BatchJob taken = job(TEAM);
    BatchScheduler first = start(1, 1);
    runners.awaitStarted(1);
    first.close();
    schedulers.clear();
    stored.store.write(older);

    assertThat(status(taken)).isEqualTo(BatchStatus.RUNNING);
    start(1, 1);
    runners.awaitStarted(2);
    assertThat(runners.started().get(1)).isEqualTo(taken.id());

    runners.complete(taken);
    runners.awaitStarted(3);
    assertThat(runners.started().get(2)).isEqualTo(older.id());
  }

  @Test
  void jobsThatEndInCrowdsLeaveTheOthersTheirPlaces() {
    List<BatchJob> crowd = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      crowd.add(job(TEAM));
    }
    BatchJob of = job(OTHER);
    registry = stored.registry();
    crowd.forEach(each -> registry.cancel(TEAM, each.id()));
    start(2, 2);
    runners.awaitStarted(5);

    assertThat(runners.started()).hasSize(5).contains(of.id());
  }

  @Test
  void aJobThatOnlyHasToEndIsNotTriedAgainWithoutAPause() {
    BatchJob job = job(TEAM);
    registry = stored.registry();
    registry.cancel(TEAM, job.id());
    BatchScheduler scheduler = start(1, 1);
    runners.awaitStarted(1);
    runners.fail(job, new BatchException(ErrorCode.STORAGE_FAILED, "no space left"));
    awaitNothingRuns(scheduler);
    BatchJob next = job(OTHER);
    registry.refresh(OTHER, next.id());
    scheduler.wake();
    runners.awaitStarted(2);
    assertThat(runners.started()).containsExactly(job.id(), next.id());

    stored.time.advance(Duration.ofSeconds(10));
    scheduler.wake();
    runners.awaitStarted(3);
    runners.end(job, done -> GatedRunners.record(done, JobStatus.CANCELLED, 0, 2));
    await(job, BatchStatus.CANCELLED);
  }

  @Test
  void anUnknownFailureIsTriedAgainBeforeTheJobIsGivenUpWithWhatItHas() {
    BatchJob job = job(TEAM);
    BatchScheduler scheduler = start(1, 1);
    for (int tries = 1; tries <= 3; tries++) {
      runners.awaitStarted(tries);
      assertThat(status(job)).isEqualTo(BatchStatus.RUNNING);
      stored.files.put(
          stored.store.run(TEAM, job.id()).results() + "/part-00000.jsonl", new byte[] {'x', 10});
      runners.end(
          job,
          any -> {
            throw new IllegalStateException("a secret of the program");
          });
      Eventually.await(
          "the run is over", LONG_ENOUGH, () -> scheduler.runningJobs() == 0, stored.log::toString);
      assertThat(stored.log.get(tries - 1)).contains(tries < 3 ? "tried again later" : "given up");
      stored.time.advance(Duration.ofMinutes(1));
      scheduler.wake();
    }
    await(job, BatchStatus.FAILED);

    BatchJob.State end = registry.job(TEAM, job.id()).orElseThrow().state();
    assertThat(end.problems().get(0).code()).isEqualTo("internal");
    assertThat(end.problems().get(0).message()).doesNotContain("secret");
    assertThat(registry.file(TEAM, String.valueOf(end.files().output()))).isPresent();
  }

  @Test
  void whatIsNotConfiguredWaitsForTheOperatorAndSaysSo() {
    BatchJob job = job(TEAM);
    BatchScheduler scheduler = start(1, 1);
    runners.awaitStarted(1);
    runners.fail(job, new BatchException(ErrorCode.USAGE, "conf/deployments/x.conf is not there"));
    awaitNothingRuns(scheduler);

    BatchJob.State waiting = registry.job(TEAM, job.id()).orElseThrow().state();
    assertThat(waiting.status()).isEqualTo(BatchStatus.RUNNING);
    assertThat(waiting.problems().get(0).code()).isEqualTo("not_configured");
    assertThat(waiting.problems().get(0).message()).doesNotContain("conf/deployments");

    stored.time.advance(Duration.ofSeconds(10));
    scheduler.wake();
    runners.awaitStarted(2);
    runners.complete(job);
    await(job, BatchStatus.SUCCESS);
  }

  @Test
  void aServiceThatLostItsStoreChangesNothingOfItsJobs() {
    BatchJob job = job(TEAM);
    start(1, 1);
    runners.awaitStarted(1);
    BatchJob taken = stored.store.readJob(TEAM, job.id()).orElseThrow();
    stored.owned = false;

    runners.fail(job, new BatchException(ErrorCode.OWNED_BY_ANOTHER_RUN, "taken over"));
    awaitNothingRuns(schedulers.get(0));

    assertThat(stored.store.readJob(TEAM, job.id())).contains(taken);
  }

  @Test
  void theBrokenPlaceOfTheClusterDoesNotEndTheSchedulersThread() {
    BatchJob job = job(TEAM);
    registry = stored.registry();
    AtomicInteger asked = new AtomicInteger();
    BatchScheduler scheduler =
        new BatchScheduler(
            registry,
            runners,
            new InputCheck(registry, new InputCheck.Limits(100, 1 << 20, 1 << 20, false)),
            () -> {
              if (asked.getAndIncrement() == 0) {
                throw new IllegalStateException("the context is stopped");
              }
              return 1;
            },
            1,
            stored.log::add);
    schedulers.add(scheduler);
    scheduler.start();

    scheduler.wake();
    runners.awaitStarted(1);

    assertThat(runners.started()).containsExactly(job.id());
    assertThat(stored.log).anyMatch(line -> line.contains("the context is stopped"));
  }
}
