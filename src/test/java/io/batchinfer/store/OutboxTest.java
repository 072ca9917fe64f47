package io.batchinfer.store;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final StoredWorkspace stored = new StoredWorkspace();
  private final AtomicInteger alone = new AtomicInteger();

  private Ownership claim() {
    return Ownership.claim(
        stored.files,
        stored.store.owner(),
        Claimant.thisProcess(true),
        OwnershipTiming.DEFAULT,
        stored.time.elapsed(),
        stored.time,
        false);
  }

  private void carryOut() {
    try (Ownership ownership = claim()) {
      alone.incrementAndGet();
      assertThat(ownership.isLost()).isFalse();
      stored.inbox(stored.registry()).look();
    }
  }

  private Outbox outbox(Pause pause) {
    return new Outbox(
        stored.store, stored.time.clock(), stored.time.elapsed(), pause, this::carryOut);
  }

  private static Note cancel(BatchJob job) {
    return new Note(Note.Kind.CANCEL, TEAM, List.of(job.id()), null);
  }

  private List<String> inbox() {
    return stored.files.paths().stream()
        .filter(path -> path.startsWith(stored.store.inbox()))
        .toList();
  }

  @Test
  void withoutAServiceTheCommandCarriesOutWhatItAsksFor() throws InterruptedException {
    BatchJob job = stored.job(stored.file(1, true, null), BatchStatus.QUEUED);

    outbox(stored.time).send(cancel(job));

    assertThat(stored.store.readJob(TEAM, job.id()).orElseThrow().state().status())
        .isEqualTo(BatchStatus.CANCELLATION_REQUESTED);
    assertThat(alone).hasValue(1);
    assertThat(inbox()).isEmpty();
    assertThat(Ownership.currentHolder(stored.files, stored.store.owner())).isNull();
  }

  @Test
  void aServiceThatBeatsAnswers() throws InterruptedException {
    BatchFile input = stored.file(1, true, null);
    BatchJob job = stored.job(input, BatchStatus.QUEUED);
    BatchRegistry registry = stored.registry();
    try (Ownership service = claim()) {
      Pause meanwhile =
          duration -> {
            stored.time.advance(duration);
            service.beat();
            if (stored.time.nanos() > Duration.ofSeconds(2).toNanos()) {
              stored.inbox(registry).look();
            }
          };

      outbox(meanwhile).send(cancel(job));

      assertThat(registry.job(TEAM, job.id()).orElseThrow().state().status())
          .isEqualTo(BatchStatus.CANCELLATION_REQUESTED);
      assertThatThrownBy(
              () ->
                  outbox(meanwhile)
                      .send(
                          new Note(
                              Note.Kind.DELETE, TEAM, List.of(UUID.randomUUID().toString()), null)))
          .isInstanceOfSatisfying(
              BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
    assertThat(alone).hasValue(0);
    assertThat(inbox()).isEmpty();
  }

  @Test
  void aServiceThatBeatsButDoesNotAnswerIsNamedAfterAMinute() {
    BatchJob job = stored.job(stored.file(1, true, null), BatchStatus.QUEUED);
    try (Ownership service = claim()) {
      Pause meanwhile =
          duration -> {
            stored.time.advance(duration);
            service.beat();
          };
      Outbox outbox =
          new Outbox(
              stored.store,
              stored.time.clock(),
              stored.time.elapsed(),
              meanwhile,
              () ->
                  Ownership.claim(
                          stored.files,
                          stored.store.owner(),
                          Claimant.thisProcess(true),
                          OwnershipTiming.DEFAULT,
                          stored.time.elapsed(),
                          meanwhile,
                          false)
                      .close());

      assertThatThrownBy(() -> outbox.send(cancel(job)))
          .isInstanceOf(BatchException.class)
          .hasMessageContaining("did not answer within 60 s")
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    assertThat(Duration.ofNanos(stored.time.nanos())).isLessThan(Duration.ofSeconds(62));
    assertThat(inbox()).singleElement().asString().endsWith(Inbox.NOTE);
  }

  @Test
  void aServiceOfAnotherMachineThatIsGoneIsWaitedOutAndReplaced() throws InterruptedException {
    BatchJob job = stored.job(stored.file(1, true, null), BatchStatus.QUEUED);
    Claimant here = Claimant.thisProcess(true);
    Ownership gone =
        Ownership.claim(
            stored.files,
            stored.store.owner(),
            new Claimant("far", "far", 7, 1, true, here.since()),
            OwnershipTiming.DEFAULT,
            stored.time.elapsed(),
            stored.time,
            false);

    outbox(stored.time).send(cancel(job));

    assertThat(alone).hasValue(1);
    assertThat(gone.isLost()).isFalse();
    gone.beat();
    assertThat(gone.isLost()).isTrue();
  }

  @Test
  void ofTwoCommandsAtOnceOneCarriesOutBoth() throws InterruptedException {
    BatchFile input = stored.file(1, true, null);
    BatchJob first = stored.job(input, BatchStatus.QUEUED);
    BatchJob second = stored.job(input, BatchStatus.QUEUED);
    AtomicInteger carried = new AtomicInteger();
    Outbox one =
        new Outbox(
            stored.store,
            stored.time.clock(),
            stored.time.elapsed(),
            stored.time,
            () -> {
              // The other command left its note and lost the store to this one.
              try (Ownership ownership = claim()) {
                assertThat(ownership.isLost()).isFalse();
                new Outbox(
                        stored.store,
                        stored.time.clock(),
                        stored.time.elapsed(),
                        duration -> {
                          stored.time.advance(duration);
                          carried.incrementAndGet();
                          stored.inbox(stored.registry()).look();
                        },
                        () -> {
                          throw new AssertionError("the store has an owner");
                        })
                    .send(cancel(second));
              }
            });

    one.send(cancel(first));

    assertThat(carried).hasValue(1);
    assertThat(List.of(first, second))
        .allSatisfy(
            job ->
                assertThat(stored.store.readJob(TEAM, job.id()).orElseThrow().state().status())
                    .isEqualTo(BatchStatus.CANCELLATION_REQUESTED));
    assertThat(inbox()).isEmpty();
  }

  @Test
  void aCommandThatFailedDoesNotComeTrueLater() {
    BatchJob job = stored.job(stored.file(1, true, null), BatchStatus.QUEUED);
    stored.files.before(
        operation -> {
          if (operation.startsWith("create") && operation.contains(job.id())) {
            throw new IOException("no space left");
          }
        });

    assertThatThrownBy(() -> outbox(stored.time).send(cancel(job)))
        .isInstanceOf(StorageException.class);

    assertThat(inbox()).noneMatch(path -> path.endsWith(Inbox.NOTE));
  }
}
