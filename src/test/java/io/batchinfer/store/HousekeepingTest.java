package io.batchinfer.store;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HousekeepingTest {
  private static final Duration DAY = Duration.ofHours(24);

  private final StoredWorkspace stored = new StoredWorkspace();

  private long now() {
    return stored.time.clock().millis();
  }

  @Test
  void anExpiredFileGoesOnceNoUnfinishedJobNeedsIt() {
    BatchFile expiring = stored.file(1, true, now() + 1000);
    BatchFile needed = stored.file(1, true, now() + 1000);
    BatchFile kept = stored.file(1, true, null);
    BatchJob job = stored.job(needed, BatchStatus.QUEUED);
    BatchRegistry registry = stored.registry();
    Housekeeping housekeeping = new Housekeeping(registry, () -> true);

    housekeeping.clean();
    assertThat(stored.store.fileIds(TEAM)).hasSize(3);

    stored.time.advance(Duration.ofSeconds(1));
    housekeeping.clean();
    assertThat(stored.store.fileIds(TEAM))
        .contains(needed.id(), kept.id())
        .doesNotContain(expiring.id());

    registry.change(
        TEAM, job.id(), state -> state.change().ended(BatchStatus.SUCCESS, now()).made());
    housekeeping.clean();
    assertThat(stored.store.fileIds(TEAM)).containsExactly(kept.id());
  }

  @Test
  void whatNeverCameToBeGoesADayAfterItsLastChange() {
    BatchFile upload = stored.file(1, false, null);
    String job = UUID.randomUUID().toString();
    String part = stored.store.run(TEAM, job).results() + "/part-00000.jsonl";
    stored.files.put(part, new byte[] {'x'});
    Housekeeping housekeeping = new Housekeeping(stored.registry(), () -> true);

    stored.time.advance(DAY);
    stored.files.put(part, new byte[] {'x', 'y'});
    housekeeping.clean();
    assertThat(stored.store.fileIds(TEAM)).containsExactly(upload.id());

    stored.time.advance(Duration.ofMillis(1));
    housekeeping.clean();
    assertThat(stored.store.fileIds(TEAM)).isEmpty();
    assertThat(stored.store.jobIds(TEAM)).containsExactly(job);

    stored.time.advance(DAY);
    housekeeping.clean();
    assertThat(stored.files.paths()).isEmpty();
  }

  @Test
  void whatACommandHasStoredButNotYetAnnouncedStays() {
    Housekeeping housekeeping = new Housekeeping(stored.registry(), () -> true);
    BatchFile file = stored.file(1, true, null);
    BatchJob job = stored.job(file, BatchStatus.QUEUED);

    stored.time.advance(DAY.multipliedBy(2));
    housekeeping.clean();

    assertThat(stored.store.readFile(TEAM, file.id())).contains(file);
    assertThat(stored.store.readJob(TEAM, job.id())).contains(job);
  }

  @Test
  void anAnswerThatNobodyCameForGoesAndANoteStays() {
    String inbox = stored.store.inbox();
    stored.files.put(inbox + "/1-a.answer", new byte[0]);
    stored.files.put(inbox + "/1-b.note", new byte[0]);
    stored.files.put(inbox + "/1-c.note.tmp-1", new byte[0]);

    stored.time.advance(DAY.plusMillis(1));
    new Housekeeping(stored.registry(), () -> true).clean();

    assertThat(stored.files.paths()).containsExactly(inbox + "/1-b.note");
  }

  @Test
  void whoLostTheStoreDeletesNothing() {
    stored.file(1, false, null);
    stored.file(1, true, now());
    stored.time.advance(DAY.multipliedBy(2));

    new Housekeeping(stored.registry(), () -> false).clean();

    assertThat(stored.store.fileIds(TEAM)).hasSize(2);
  }
}
