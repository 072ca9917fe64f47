package io.batchinfer.store;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Removes what nobody can use any more: expired files, uploads and jobs that never came to be or
 * whose deletion broke off, and answers that no command came for. For one thread.
 */
public final class Housekeeping {
  /** How often to clean up. */
  public static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);

  /** What has not changed for so long is not being written any more. */
  private static final Duration ABANDONED_AFTER = Duration.ofHours(24);

  private final BatchRegistry registry;
  private final BatchStore store;
  private final BooleanSupplier owned;

  /**
   * @param owned whether this process may change the store
   */
  public Housekeeping(BatchRegistry registry, BooleanSupplier owned) {
    this.registry = registry;
    this.store = registry.store();
    this.owned = owned;
  }

  /** Cleans up once. */
  public void clean() {
    registry.expiredFiles().forEach(this::deleteExpired);
    for (String workspace : store.workspaceNames()) {
      for (String id : store.fileIds(workspace)) {
        boolean known = registry.anyFile(workspace, id).isPresent();
        if (!known && isAbandoned(store.fileFootprint(workspace, id))) {
          deleteAbandoned(
              () -> store.readFile(workspace, id).isPresent(),
              () -> store.deleteFile(workspace, id));
        }
      }
      for (String id : store.jobIds(workspace)) {
        boolean known = registry.job(workspace, id).isPresent();
        if (!known && isAbandoned(store.jobFootprint(workspace, id))) {
          deleteAbandoned(
              () -> store.readJob(workspace, id).isPresent(),
              () -> registry.deleteRemains(workspace, id));
        }
      }
    }
    cleanInbox();
  }

  private void deleteAbandoned(BooleanSupplier hasRecord, Runnable delete) {
    boolean recorded;
    try {
      recorded = hasRecord.getAsBoolean();
    } catch (UnreadableRecordException e) {
      // Somebody may be able to mend it.
      recorded = true;
    }
    if (!recorded && owned.getAsBoolean()) {
      delete.run();
    }
  }

  private void cleanInbox() {
    List<FileStore.Entry> entries = store.files().list(store.inbox());
    Set<String> notes =
        entries.stream()
            .map(FileStore.Entry::name)
            .filter(name -> name.endsWith(Inbox.NOTE))
            .collect(Collectors.toSet());
    for (FileStore.Entry entry : entries) {
      String note = entry.name().replaceFirst("\\.[a-z]+$", Inbox.NOTE);
      boolean waits = notes.contains(note) && !entry.name().endsWith(Inbox.ANSWER);
      if (!waits && isAbandoned(entry.modifiedMillis()) && owned.getAsBoolean()) {
        store.files().delete(entry.path());
      }
    }
  }

  private void deleteExpired(BatchFile file) {
    if (!owned.getAsBoolean()) {
      return;
    }
    try {
      registry.delete(file);
    } catch (BatchException e) {
      // A job that needs it was created since; the file goes when that is over.
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
    }
  }

  private boolean isAbandoned(Footprint folder) {
    return isAbandoned(folder.modifiedMillis());
  }

  private boolean isAbandoned(long modifiedMillis) {
    return modifiedMillis > 0 && modifiedMillis < registry.nowMillis() - ABANDONED_AFTER.toMillis();
  }
}
