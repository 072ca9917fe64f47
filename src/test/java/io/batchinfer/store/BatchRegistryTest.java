package io.batchinfer.store;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchRegistryTest {
  private static final long MILLION = 1_000_000;

  private final StoredWorkspace stored = new StoredWorkspace();

  private BatchJob request(BatchFile input, long requests, @Nullable String idempotencyKey) {
    return stored.unstored(TEAM, input, requests, "hash", idempotencyKey);
  }

  private BatchJob create(BatchRegistry registry, BatchJob job) {
    return create(registry, job, false, stored.time.clock().millis());
  }

  private static BatchJob create(
      BatchRegistry registry, BatchJob job, boolean repeated, long arrivedMillis) {
    return registry.create(job, Optional.empty(), new Repetition(repeated, arrivedMillis), MILLION);
  }

  private static void settle(BatchRegistry registry, BatchJob job, long rows) {
    registry.progress(
        job,
        state ->
            state
                .change()
                .counts(
                    new Counts(
                        new RowCounts(rows, 0), new Spent(rows, 0, Usage.NONE), new TreeMap<>()))
                .made());
  }

  @Test
  void sixHundredThousandTwiceAreTooManyUntilTwoHundredThousandAreDone() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob first = create(registry, request(input, 600_000, null));
    BatchJob second = request(input, 600_000, null);

    settle(registry, first, 199_999);
    assertThatThrownBy(() -> create(registry, second))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PENDING_LIMIT))
        .hasMessageContaining("400,001 pending")
        .hasMessageContaining("600,000 more")
        .hasMessageContaining("1,000,000");
    assertThat(stored.store.jobIds(TEAM)).containsExactly(first.id());

    settle(registry, first, 200_000);
    assertThat(create(registry, second)).isEqualTo(second);
  }

  @Test
  void aJobThatIsOverCountsNoPendingRequestsHoweverItEnded() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    for (BatchStatus end :
        List.of(
            BatchStatus.SUCCESS,
            BatchStatus.FAILED,
            BatchStatus.CANCELLED,
            BatchStatus.TIMEOUT_EXCEEDED)) {
      BatchJob job = create(registry, request(input, MILLION, null));
      registry.change(TEAM, job.id(), state -> state.change().ended(end, 1).made());
    }

    assertThat(create(registry, request(input, MILLION, null))).isNotNull();
  }

  @Test
  void anIdempotencyKeyMakesOneJobAlsoAfterARestart() {
    BatchFile input = stored.file(1, true, null);
    BatchJob first = create(stored.registry(), request(input, 1, "key"));
    stored.time.advance(Duration.ofDays(3));
    BatchRegistry restarted = stored.registry();

    assertThat(create(restarted, request(input, 1, "key"))).isEqualTo(first);
    assertThat(create(restarted, request(input, 1, "another"))).isNotEqualTo(first);
    assertThatThrownBy(
            () -> create(restarted, stored.unstored(TEAM, input, 1, "another hash", "key")))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
        .hasMessageContaining(first.id());
  }

  @Test
  void anSdksOwnRepetitionFindsItsJobForAQuarterOfAnHour() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob first = create(registry, request(input, 1, null));

    stored.time.advance(EarlierCreates.REPEATED_WITHIN);
    long now = stored.time.clock().millis();
    assertThat(create(registry, request(input, 1, null), true, now)).isEqualTo(first);
    assertThat(create(registry, request(input, 1, null))).isNotEqualTo(first);

    stored.time.advance(EarlierCreates.REPEATED_WITHIN.plusMillis(1));
    BatchJob later = create(registry, request(input, 1, null), true, now);
    assertThat(registry.jobs(TEAM)).hasSize(3).contains(later);
  }

  @Test
  void aRepetitionThatOvertakesTheRequestItRepeatsMakesNoSecondJob() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    long arrived = stored.time.clock().millis();
    stored.time.advance(Duration.ofSeconds(40));
    BatchJob repeated =
        create(registry, request(input, 1, null), true, stored.time.clock().millis());

    assertThat(create(registry, request(input, 1, null), false, arrived)).isEqualTo(repeated);
    stored.time.advance(Duration.ofSeconds(1));
    assertThat(create(registry, request(input, 1, null))).isNotEqualTo(repeated);
  }

  @Test
  void aWriteThatTookEffectAlthoughItFailedMadeTheJob() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob job = request(input, 1, null);
    stored.files.before(
        operation -> {
          if (operation.startsWith("publish") && operation.contains("batch.json")) {
            stored.files.before(any -> {});
            stored.store.write(job);
            throw new IOException("connection reset");
          }
        });

    assertThat(create(registry, job)).isEqualTo(job);
    assertThat(stored.registry().jobs(TEAM)).containsExactly(job);
  }

  @Test
  void whoDoesNotOwnTheStoreChangesNothing() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob job = create(registry, request(input, 1, null));
    BatchJob ended = stored.job(input, BatchStatus.SUCCESS);
    registry.refresh(TEAM, ended.id());
    List<String> before = stored.files.paths();
    stored.owned = false;

    for (Runnable change :
        List.<Runnable>of(
            () -> create(registry, request(input, 1, null)),
            () -> registry.cancel(TEAM, job.id()),
            () -> registry.delete(ended),
            () -> registry.delete(stored.file(1, false, null)),
            () -> registry.add(input))) {
      assertThatThrownBy(change::run)
          .isInstanceOfSatisfying(
              BatchException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN));
    }

    assertThat(stored.files.paths()).containsAll(before);
    assertThat(stored.store.readJob(TEAM, job.id())).contains(job);
    assertThat(stored.registry().jobs(TEAM)).hasSize(2);
  }

  @Test
  void whatDeletedJobsHaveCostStaysSpentWhereverTheDeletionDies() {
    for (int deaths = 0; ; deaths++) {
      StoredWorkspace world = new StoredWorkspace();
      BatchFile input = world.file(1, true, null);
      List<BatchJob> jobs = List.of(paid(world, input, 2), paid(world, input, 3));
      BatchRegistry registry = world.registry();
      assertThat(registry.spent(TEAM)).isEqualTo(5);

      AtomicInteger left = new AtomicInteger(deaths);
      world.files.before(
          operation -> {
            if (!operation.startsWith("list") && left.getAndDecrement() <= 0) {
              throw new IOException("the process is dead");
            }
          });
      boolean lived = true;
      try {
        jobs.forEach(registry::delete);
      } catch (StorageException e) {
        lived = false;
      }
      world.files.before(operation -> {});

      BatchRegistry restarted = world.registry();
      assertThat(restarted.spent(TEAM)).as("after %d operations", deaths).isEqualTo(5);
      restarted.jobs(TEAM).forEach(restarted::delete);
      assertThat(world.registry().spent(TEAM)).isEqualTo(5);
      if (lived) {
        assertThat(deaths).isGreaterThan(4);
        return;
      }
    }
  }

  private static BatchJob paid(StoredWorkspace world, BatchFile input, double cost) {
    BatchJob job = world.job(input, BatchStatus.SUCCESS);
    BatchJob paid = job.with(job.state().change().cost(cost, "USD").made());
    world.store.write(paid);
    return paid;
  }

  @Test
  void aDamagedRecordIsSaidAndLeavesTheRestAlone() {
    BatchFile input = stored.file(1, true, null);
    BatchJob sound = stored.job(input, BatchStatus.QUEUED);
    BatchJob damaged = stored.job(input, BatchStatus.QUEUED);
    String path =
        stored.files.paths().stream()
            .filter(name -> name.contains(damaged.id()))
            .findFirst()
            .orElseThrow();
    stored.files.put(path, new byte[0]);

    BatchRegistry registry = stored.registry();
    stored.time.advance(Duration.ofDays(3));
    new Housekeeping(registry, () -> true).clean();

    assertThat(registry.jobs(TEAM)).containsExactly(sound);
    assertThat(stored.log).singleElement().asString().contains(path, "damaged");
    assertThat(stored.files.paths()).contains(path);
  }

  @Test
  void resultsWhoseJobIsGoneAreNotShown() {
    BatchFile input = stored.file(1, true, null);
    BatchJob job = stored.job(input, BatchStatus.SUCCESS);
    BatchFile results = stored.results(job);
    assertThat(stored.registry().file(TEAM, results.id())).contains(results);

    stored.store.deleteJobRecord(TEAM, job.id());

    assertThat(stored.registry().file(TEAM, results.id())).isEmpty();
  }

  @Test
  void aJobWhoseRecordCannotBeWrittenWasNeverThere() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    stored.files.before(
        operation -> {
          if (operation.contains("batch.json")) {
            throw new IOException("no space left");
          }
        });

    assertThatThrownBy(() -> create(registry, request(input, 1, "key")))
        .isInstanceOf(StorageException.class);
    stored.files.before(operation -> {});

    assertThat(registry.jobs(TEAM)).isEmpty();
    assertThat(stored.registry().jobs(TEAM)).isEmpty();
    assertThat(create(registry, request(input, 1, "key"))).isNotNull();
  }

  @Test
  void aJobIsRefusedWhoseInputWasDeletedAMomentAgo() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob job = request(input, 1, null);
    registry.delete(input);

    assertThatThrownBy(() -> create(registry, job))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining(input.id());
  }

  @Test
  void theInputOfAnUnfinishedJobStays() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob job = create(registry, request(input, 1, null));

    assertThatThrownBy(() -> registry.delete(input))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining(job.id());

    registry.change(TEAM, job.id(), state -> state.change().ended(BatchStatus.SUCCESS, 1).made());
    registry.delete(input);
    assertThat(stored.store.fileIds(TEAM)).isEmpty();
  }

  @Test
  void whatCannotBeStoredIsNotSeenEither() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    BatchJob job = create(registry, request(input, 1, null));
    stored.files.failWrites();

    assertThatThrownBy(() -> registry.cancel(TEAM, job.id())).isInstanceOf(StorageException.class);

    assertThat(registry.job(TEAM, job.id()).orElseThrow().state().status())
        .isEqualTo(BatchStatus.QUEUED);
  }

  @Test
  void jobsAreListedNewestFirstAlsoAfterARestart() {
    BatchFile input = stored.file(1, true, null);
    BatchRegistry registry = stored.registry();
    for (int i = 0; i < 20; i++) {
      stored.time.advance(Duration.ofMillis(i % 3));
      create(registry, request(input, 1, null));
    }

    List<BatchJob> jobs = registry.jobs(TEAM);

    assertThat(jobs).extracting(job -> -job.spec().createdMillis()).isSorted();
    assertThat(stored.registry().jobs(TEAM)).isEqualTo(jobs);
  }
}
