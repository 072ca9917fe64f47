package io.batchinfer.engine.lead;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.remote.BatchFill;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.FetchOrder;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.Uploaded;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** The work on batches that is not the driver's: it goes where the rows are read. */
public interface RemoteTasks {
  /**
   * Finds the open rows that a round asks for, and writes down which they are.
   *
   * @param splits that are open, with where they are journalled
   */
  Future<List<Chunk>> cut(List<SplitClaim> splits, int round, BatchFill fill);

  /** Writes the file of requests of a batch and stores it at the provider. */
  Future<Uploaded> upload(BatchNote note, RemoteWork work);

  /** Reads what a provider has of a batch. */
  Future<Fetched> fetch(BatchNote note, RemoteWork work, FetchOrder order);

  /** Brings what was read of batches to the splits of their rows. */
  Future<Void> sort(int round, List<Integer> batches);

  /**
   * What a task came to that is done.
   *
   * @throws InterruptedException where it was ended before
   */
  static <T> T resultOf(Future<T> done) throws InterruptedException {
    try {
      return done.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw cause instanceof RuntimeException known
          ? known
          : new IllegalStateException("a task on batches failed: " + cause, cause);
    } catch (CancellationException e) {
      throw new InterruptedException("a task on batches was ended");
    }
  }
}
