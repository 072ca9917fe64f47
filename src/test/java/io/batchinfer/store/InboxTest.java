package io.batchinfer.store;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {
  private final StoredWorkspace stored = new StoredWorkspace();
  private int notes;

  /** Leaves a note as a command does and returns its path without the ending. */
  private String leave(Note.Kind kind, List<String> ids, @Nullable String request) {
    String path = "%s/%016x-%s".formatted(stored.store.inbox(), notes++, UUID.randomUUID());
    stored.files.put(path + Inbox.NOTE, StoreJson.note(new Note(kind, TEAM, ids, request)));
    return path;
  }

  private Note.Answer answer(String path) {
    try {
      return StoreJson.parseAnswer(stored.files.content(path + Inbox.ANSWER));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> left() {
    return stored.files.paths().stream()
        .filter(path -> path.startsWith(stored.store.inbox()) && !path.endsWith(Inbox.ANSWER))
        .toList();
  }

  @Test
  void aNoteOfEveryKindIsCarriedOutAnsweredAndRemoved() {
    BatchFile input = stored.file(2, true, null);
    BatchJob queued = stored.job(input, BatchStatus.QUEUED);
    BatchJob ended = stored.job(input, BatchStatus.SUCCESS);
    BatchJob old = stored.job(input, BatchStatus.FAILED);
    BatchRegistry registry = stored.registry();
    BatchFile fresh = stored.file(3, true, null);
    String created = UUID.randomUUID().toString();

    String file = leave(Note.Kind.FILE, List.of(fresh.id()), null);
    String create =
        leave(Note.Kind.CREATE, List.of(created), StoredWorkspace.request(fresh.id(), "known"));
    String cancel = leave(Note.Kind.CANCEL, List.of(queued.id()), null);
    String delete = leave(Note.Kind.DELETE, List.of(ended.id()), null);
    String prune = leave(Note.Kind.PRUNE, List.of(old.id(), input.id()), null);
    stored.inbox(registry).look();

    assertThat(List.of(file, create, cancel, delete))
        .allSatisfy(path -> assertThat(answer(path)).isEqualTo(Note.Answer.done(List.of())));
    assertThat(answer(prune).kept()).containsExactly(input.id());
    assertThat(left()).isEmpty();
    BatchJob job = registry.job(TEAM, created).orElseThrow();
    assertThat(job.state()).isEqualTo(BatchJob.State.queued(3));
    assertThat(job.spec().target().deployment()).isEqualTo("known");
    assertThat(stored.store.readJob(TEAM, created)).contains(job);
    assertThat(registry.job(TEAM, queued.id()).orElseThrow().state().status())
        .isEqualTo(BatchStatus.CANCELLATION_REQUESTED);
    assertThat(registry.jobs(TEAM)).extracting(BatchJob::id).doesNotContain(ended.id(), old.id());
    assertThat(stored.woken).isEqualTo(2);
  }

  @Test
  void whatCannotBeDoneIsAnsweredWithItsReason() {
    BatchFile input = stored.file(2, true, null);
    BatchJob queued = stored.job(input, BatchStatus.QUEUED);
    BatchJob ended = stored.job(input, BatchStatus.SUCCESS);
    BatchFile large = stored.file(400, true, null);
    BatchFile long9 = stored.file(9, true, null);
    BatchRegistry registry = stored.registry();
    String none = UUID.randomUUID().toString();

    List<String> codes = new ArrayList<>();
    for (String path :
        List.of(
            leave(Note.Kind.CANCEL, List.of(none), null),
            leave(Note.Kind.DELETE, List.of(none), null),
            leave(Note.Kind.FILE, List.of(none), null),
            leave(Note.Kind.CREATE, List.of(none), StoredWorkspace.request(none, null)),
            leave(Note.Kind.CREATE, List.of(none), StoredWorkspace.request(input.id(), "other")),
            leave(Note.Kind.CREATE, List.of(none), "{\"endpoint\":\"/v1/nothing\"}"),
            leave(Note.Kind.DELETE, List.of(queued.id()), null),
            leave(Note.Kind.CANCEL, List.of(ended.id()), null),
            leave(Note.Kind.FILE, List.of(large.id()), null),
            leave(Note.Kind.CREATE, List.of(none), StoredWorkspace.request(long9.id(), null)))) {
      stored.inbox(registry).look();
      codes.add(answer(path).code().orElse("done"));
    }

    assertThat(codes)
        .containsExactly(
            "not_found",
            "not_found",
            "not_found",
            "not_found",
            "usage",
            "usage",
            "conflict",
            "conflict",
            "invalid_input",
            "pending_limit");
    assertThat(registry.jobs(TEAM)).hasSize(2);
    assertThat(stored.store.readFile(TEAM, large.id())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../other/jobs/6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e",
        "..",
        "",
        "6F1C0B52-5A0E-4A51-9DF5-1C3A2B4C5D6E",
        "6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e/run",
        "6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e\n",
        "batch_",
        "*"
      })
  void noPathIsMadeOfAHostileId(String id) {
    List<String> seen = new ArrayList<>();
    BatchRegistry registry = stored.registry();
    for (Note.Kind kind : Note.Kind.values()) {
      leave(kind, List.of(id), kind == Note.Kind.CREATE ? "{}" : null);
    }
    stored.files.put(
        stored.store.inbox() + "/0-a.note",
        StoreJson.note(
            new Note(Note.Kind.DELETE, "../team", List.of(UUID.randomUUID().toString()), null)));
    stored.files.before(seen::add);

    stored.inbox(registry).look();

    assertThat(seen).allMatch(operation -> operation.contains(stored.store.inbox()));
    assertThat(left()).isEmpty();
    assertThat(stored.files.paths())
        .hasSize(6)
        .allSatisfy(
            path ->
                assertThat(StoreJson.parseAnswer(stored.files.content(path)).code())
                    .contains("not_found"));
  }

  @Test
  void whatIsNoNoteIsAnsweredOrLeftAlone() {
    String inbox = stored.store.inbox();
    stored.files.put(inbox + "/1-b.note", "[]".getBytes(StandardCharsets.UTF_8));
    stored.files.put(inbox + "/1-c.note.tmp-1", new byte[0]);
    stored.files.put(inbox + "/readme.txt", new byte[0]);

    stored.inbox(stored.registry()).look();

    assertThat(answer(inbox + "/1-b").code()).contains("internal");
    assertThat(left()).containsExactly(inbox + "/1-c.note.tmp-1", inbox + "/readme.txt");
    assertThat(stored.log).singleElement().asString().contains("1-b.note", "not a JSON object");
  }

  /** The service is killed before any of its writes, and another goes on with the store. */
  @ParameterizedTest
  @EnumSource(Note.Kind.class)
  void aNoteIsCarriedOutOnceWhereverTheServiceDies(Note.Kind kind) {
    int crashes = 0;
    while (true) {
      StoredWorkspace world = new StoredWorkspace();
      BatchFile input = world.file(2, true, null);
      BatchJob queued = world.job(input, BatchStatus.QUEUED);
      BatchJob ended = world.job(input, BatchStatus.SUCCESS);
      world.files.put(
          world.store.run(TEAM, ended.id()).results() + "/part-0.jsonl", new byte[] {'x'});
      BatchFile spare = world.file(1, true, null);
      String created = UUID.randomUUID().toString();
      List<String> ids =
          switch (kind) {
            case CREATE -> List.of(created);
            case FILE -> List.of(spare.id());
            case CANCEL -> List.of(queued.id());
            case DELETE -> List.of(ended.id());
            case PRUNE -> List.of(ended.id(), spare.id());
          };
      String path = world.store.inbox() + "/1-a";
      @Nullable String request =
          kind == Note.Kind.CREATE ? StoredWorkspace.request(input.id(), null) : null;
      world.files.put(path + Inbox.NOTE, StoreJson.note(new Note(kind, TEAM, ids, request)));
      BatchRegistry first = world.registry();
      AtomicInteger left = new AtomicInteger(crashes);
      world.files.before(
          operation -> {
            boolean changes =
                !operation.startsWith("find ")
                    && !operation.startsWith("list ")
                    && !operation.startsWith("open ");
            if (changes && left.getAndDecrement() <= 0) {
              throw new IOException("killed");
            }
          });
      boolean died = false;
      try {
        world.inbox(first).look();
      } catch (StorageException e) {
        died = true;
      }
      world.files.before(operation -> {});
      BatchRegistry second = died ? world.registry() : first;
      // What was asked for may have been over by the time of the next start.
      if (died && kind == Note.Kind.CANCEL) {
        second.change(
            TEAM,
            queued.id(),
            state ->
                state.status() == BatchStatus.CANCELLATION_REQUESTED
                    ? state.change().ended(BatchStatus.SUCCESS, 1).made()
                    : state);
      }
      world.inbox(second).look();

      Note.Answer answer = answerOf(world, path);
      assertThat(answer.code()).as("after %d writes", crashes).isEmpty();
      assertThat(world.files.paths())
          .as("after %d writes", crashes)
          .noneMatch(file -> file.endsWith(Inbox.NOTE) || file.endsWith(Inbox.BEGUN));
      switch (kind) {
        case CREATE ->
            assertThat(world.registry().jobs(TEAM))
                .filteredOn(job -> job.id().equals(created))
                .hasSize(1);
        case FILE -> assertThat(second.file(TEAM, spare.id())).contains(spare);
        case CANCEL ->
            assertThat(second.job(TEAM, queued.id()).orElseThrow().state().status())
                .isIn(BatchStatus.CANCELLATION_REQUESTED, BatchStatus.SUCCESS);
        case DELETE, PRUNE ->
            assertThat(world.files.paths())
                .as("after %d writes", crashes)
                .noneMatch(file -> file.contains(ended.id()) && file.contains(".json"));
      }
      if (!died) {
        assertThat(crashes).isGreaterThan(2);
        return;
      }
      crashes++;
    }
  }

  private static Note.Answer answerOf(StoredWorkspace world, String path) {
    try {
      return StoreJson.parseAnswer(world.files.content(path + Inbox.ANSWER));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aNoteThatFailsDoesNotHoldTheOthersUp() {
    BatchFile input = stored.file(2, true, null);
    BatchJob first = stored.job(input, BatchStatus.QUEUED);
    BatchJob second = stored.job(input, BatchStatus.QUEUED);
    BatchRegistry registry = stored.registry();
    String stuck = leave(Note.Kind.CANCEL, List.of(first.id()), null);
    String other = leave(Note.Kind.CANCEL, List.of(second.id()), null);
    stored.files.before(
        operation -> {
          if (operation.contains(first.id())) {
            throw new IOException("bad disk");
          }
        });

    assertThatThrownBy(() -> stored.inbox(registry).look()).isInstanceOf(StorageException.class);
    assertThat(answer(other).code()).isEmpty();
    stored.files.before(operation -> {});
    stored.inbox(registry).look();

    assertThat(answer(stuck).code()).isEmpty();
    assertThat(left()).isEmpty();
  }
}
