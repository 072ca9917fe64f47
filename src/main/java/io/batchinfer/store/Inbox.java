package io.batchinfer.store;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where commands leave notes for the owner of a store. Each is carried out once, answered and
 * removed, in the order of their names, even when the owner dies on the way: what was begun is
 * marked before, and what has its answer is only removed. For one thread.
 */
public final class Inbox {
  /** How often the owner looks. */
  public static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  static final String NOTE = ".note";
  static final String BEGUN = ".begun";
  static final String ANSWER = ".answer";

  /** Names that {@link Outbox} gives; files of any other are not ours or not whole. */
  private static final Pattern NAME = Pattern.compile("([0-9a-f-]{1,80})\\.note");

  private final FileStore files;
  private final String folder;
  private final StoreChanges changes;
  private final BooleanSupplier owned;
  private final Consumer<String> log;

  /**
   * @param owned whether this process may change the store
   * @param log what the operator should know
   */
  public Inbox(
      BatchStore store, StoreChanges changes, BooleanSupplier owned, Consumer<String> log) {
    this.files = store.files();
    this.folder = store.inbox();
    this.changes = changes;
    this.owned = owned;
    this.log = log;
  }

  /**
   * Carries out what is there.
   *
   * @throws StorageException where some of it could not be carried out now; the rest was
   */
  public void look() {
    @Nullable StorageException failure = null;
    for (FileStore.Entry entry : files.list(folder)) {
      Matcher name = NAME.matcher(entry.name());
      if (name.matches() && owned.getAsBoolean()) {
        try {
          settle(folder + "/" + name.group(1));
        } catch (StorageException e) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void settle(String path) {
    if (files.find(path + ANSWER).isEmpty()) {
      Optional<byte[]> note = read(path + NOTE);
      if (note.isEmpty()) {
        return;
      }
      files.replace(path + ANSWER, StoreJson.answer(answer(path, note.get())));
    }
    files.delete(path + BEGUN);
    files.delete(path + NOTE);
  }

  /** Empty where the command has taken it back. */
  private Optional<byte[]> read(String path) {
    try {
      return Optional.of(files.readAll(path));
    } catch (StorageException e) {
      if (files.find(path).isEmpty()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Note.Answer answer(String path, byte[] json) {
    try {
      boolean begun = files.find(path + BEGUN).isPresent();
      return Note.Answer.done(
          changes.apply(
              StoreJson.parseNote(json), begun, () -> files.replace(path + BEGUN, new byte[0])));
    } catch (BatchException e) {
      return Note.Answer.refused(e.code().code(), String.valueOf(e.getMessage()));
    } catch (RefusedRequest e) {
      ErrorCode code =
          e.kind() == RefusedRequest.Kind.MISSING ? ErrorCode.NOT_FOUND : ErrorCode.USAGE;
      return Note.Answer.refused(code.code(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      log.accept("The note \"%s\" cannot be read: %s.".formatted(path + NOTE, e.getMessage()));
      return Note.Answer.refused(
          ErrorCode.INTERNAL.code(), "The request cannot be read: " + e.getMessage() + ".");
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException e) {
      log.accept("The note \"%s\" met a defect of this program: %s".formatted(path + NOTE, e));
      return Note.Answer.refused(
          ErrorCode.INTERNAL.code(), "A defect of the service: " + e + ". Its log has more.");
    }
  }
}
