package io.batchinfer.store;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.storage.UnreadableRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Fills shelves with what is stored, many records at a time. */
final class ShelfLoader {
  private static final int LOADERS = 32;

  private final BatchStore store;
  private final Function<String, Shelf> shelves;
  private final BooleanSupplier owned;
  private final Consumer<String> log;

  /**
   * @param shelves the shelf of a workspace
   * @param owned whether this process may change the store
   * @param log what the operator should know
   */
  ShelfLoader(
      BatchStore store,
      Function<String, Shelf> shelves,
      BooleanSupplier owned,
      Consumer<String> log) {
    this.store = store;
    this.shelves = shelves;
    this.owned = owned;
    this.log = log;
  }

  void load(List<String> workspaces) throws InterruptedException {
    ExecutorService loaders = Executors.newFixedThreadPool(LOADERS);
    try {
      List<Callable<Void>> reads = new ArrayList<>();
      for (String workspace : workspaces) {
        Shelf shelf = shelves.apply(workspace);
        for (String id : store.fileIds(workspace)) {
          reads.add(() -> unlessDamaged(() -> store.readFile(workspace, id).ifPresent(shelf::put)));
        }
        for (String id : store.jobIds(workspace)) {
          reads.add(() -> unlessDamaged(() -> store.readJob(workspace, id).ifPresent(shelf::put)));
        }
      }
      for (Future<Void> read : loaders.invokeAll(reads)) {
        read.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } finally {
      loaders.shutdownNow();
    }
    workspaces.forEach(workspace -> settleRemains(shelves.apply(workspace)));
  }

  private @Nullable Void unlessDamaged(Runnable load) {
    try {
      load.run();
    } catch (UnreadableRecordException e) {
      log.accept(
          e.getMessage()
              + " What it stands for is left out; restore the file from a copy, or delete its folder.");
    }
    return null;
  }

  /** What was being made or deleted when a service died: made whole, or not shown. */
  private void settleRemains(Shelf shelf) {
    synchronized (shelf) {
      for (BatchFile file : shelf.files()) {
        if (file.jobId() != null && shelf.job(file.jobId()) == null) {
          shelf.remove(file);
        }
      }
      for (BatchJob job : shelf.jobs()) {
        String input = job.spec().inputFiles().get(0);
        if (job.spec().input().inline() && shelf.file(input) == null) {
          InlineInput.recovered(store, job).ifPresent(file -> recover(shelf, file));
        }
      }
    }
  }

  private void recover(Shelf shelf, BatchFile file) {
    shelf.put(file);
    if (owned.getAsBoolean()) {
      store.write(file);
    }
  }
}
