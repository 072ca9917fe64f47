package io.batchinfer.watch;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptObserver;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.quota.ProcessReading;
import java.util.function.Supplier;

/**
 * Is told what a process does for a run while it does it. Its methods are called on the threads
 * that do the work: they must neither block nor throw.
 */
public interface WorkObserver extends AttemptObserver, AutoCloseable {
  /** Wants to know nothing. */
  WorkObserver NONE = new Nobody();

  /**
   * To be called once.
   *
   * @param reading what the process has done for the run and has under way; asked now and then,
   *     from any thread, until this is closed
   */
  void reads(Supplier<ProcessReading> reading);

  /** A moment of its own time in nanoseconds, from which it measures. */
  long now();

  /** Rows of a split begin to be sent. */
  void splitBegan(int split);

  /** A split has no rows left to send here, and its parts are published or another's to publish. */
  void splitEnded(int split);

  /** A row was settled, or left open for good. */
  void rowEnded(RowDone row);

  /** Nothing more will come. Returns soon, whatever becomes of what it has been told. */
  @Override
  void close();

  /** The observer of a run that nobody follows. */
  final class Nobody implements WorkObserver {
    private Nobody() {}

    @Override
    public void reads(Supplier<ProcessReading> reading) {}

    @Override
    public long now() {
      return 0;
    }

    @Override
    public void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos) {}

    @Override
    public void splitBegan(int split) {}

    @Override
    public void splitEnded(int split) {}

    @Override
    public void rowEnded(RowDone row) {}

    @Override
    public void close() {}
  }
}
