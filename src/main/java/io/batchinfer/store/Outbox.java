package io.batchinfer.store;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.Ownership.Holder;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The command's side of the {@link Inbox}: leaves a note for the owner of the store and waits for
 * the answer, or becomes the owner for a moment where there is none.
 */
final class Outbox {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  /** An owner that lets so many looks pass may be gone. */
  private static final Duration UNHEARD = Inbox.BETWEEN_LOOKS.multipliedBy(5);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BatchStore store;
  private final Clock clock;
  private final Elapsed elapsed;
  private final Pause pause;
  private final Owner ourselves;

  /** Becomes the owner of the store, carries out what is in the inbox, and gives the store up. */
  @FunctionalInterface
  public interface Owner {
    /**
     * Does all of that before it returns.
     *
     * @throws BatchException with {@link ErrorCode#OWNED_BY_ANOTHER_RUN} where another process is
     *     the owner
     */
    void carryOut() throws InterruptedException;
  }

  public Outbox(BatchStore store, Clock clock, Elapsed elapsed, Pause pause, Owner ourselves) {
    this.store = store;
    this.clock = clock;
    this.elapsed = elapsed;
    this.pause = pause;
    this.ourselves = ourselves;
  }

  /**
   * Has a change made.
   *
   * @return ids of a {@link Note.Kind#PRUNE} that stay
   * @throws BatchException where it cannot be made, or with {@link ErrorCode#OWNED_BY_ANOTHER_RUN}
   *     where the owner does not answer
   */
  public Note.Answer send(Note note) throws InterruptedException {
    // By time, so that they are carried out in that order.
    String path =
        "%s/%016x-%s".formatted(store.inbox(), clock.millis(), UUID.randomUUID().toString());
    store.files().replace(path + Inbox.NOTE, StoreJson.note(note));
    Elapsed.Mark sent = elapsed.mark();
    boolean tried = false;
    while (true) {
      Optional<Note.Answer> answer = take(path);
      if (answer.isPresent()) {
        return accepted(answer.get());
      }
      Duration waited = elapsed.since(sent);
      @Nullable Holder holder = Ownership.currentHolder(store.files(), store.owner());
      if (waited.compareTo(PATIENCE) > 0) {
        throw unanswered(holder);
      }
      if (holder == null || (!tried && waited.compareTo(UNHEARD) > 0)) {
        tried = holder != null;
        if (carryOut(path, note)) {
          continue;
        }
      }
      pause.pause(BETWEEN_LOOKS);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Whether we were the owner. */
  private boolean carryOut(String path, Note note) throws InterruptedException {
    try {
      ourselves.carryOut();
      return true;
    } catch (BatchException e) {
      if (e.code() == ErrorCode.OWNED_BY_ANOTHER_RUN) {
        return false;
      }
      throw e;
    } catch (StorageException e) {
      if (store.files().find(path + Inbox.ANSWER).isPresent()) {
        // It was another's note that failed.
        return true;
      }
      if (note.kind() == Note.Kind.CREATE
          && store.readJob(note.workspace(), note.ids().get(0)).isPresent()) {
        // The job is there; only the answer could not be written. The note is answered later.
        throw new BatchException(
            ErrorCode.STORAGE_FAILED,
            "Job %s was created, but the storage failed then: %s Look with \"batchinfer jobs get\" before you create it again."
                .formatted(note.ids().get(0), e.getMessage()),
            e);
      }
      // A command that failed must not come true later.
      store.files().delete(path + Inbox.NOTE);
      store.files().delete(path + Inbox.BEGUN);
      throw e;
    }
  }

  private Optional<Note.Answer> take(String path) {
    FileStore files = store.files();
    if (files.find(path + Inbox.ANSWER).isEmpty()) {
      return Optional.empty();
    }
    try {
      Note.Answer answer = StoreJson.parseAnswer(files.readAll(path + Inbox.ANSWER));
      // The answer last: without it the note would be carried out again.
      files.delete(path + Inbox.NOTE);
      files.delete(path + Inbox.BEGUN);
      files.delete(path + Inbox.ANSWER);
      return Optional.of(answer);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + Inbox.ANSWER + "\"", e);
    }
  }

  private static Note.Answer accepted(Note.Answer answer) {
    if (answer.code().isPresent()) {
      throw new BatchException(ErrorCode.ofCode(answer.code().get()), answer.message());
    }
    return answer;
  }

  private BatchException unanswered(@Nullable Holder holder) {
    return new BatchException(
        ErrorCode.OWNED_BY_ANOTHER_RUN,
        "The service that owns the store \"%s\" (%s) did not answer within %d s. The request stays in the store and is carried out once a service looks again; see to that service, or wait and look with \"batchinfer jobs list\"."
            .formatted(
                store.root(),
                holder == null ? "gone by now" : holder.claimant().shown(),
                PATIENCE.toSeconds()));
  }
}
