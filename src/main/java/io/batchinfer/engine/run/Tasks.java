package io.batchinfer.engine.run;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for tasks. */
final class Tasks {
  private Tasks() {}

  /**
   * The result of tasks that were started. An interrupt of the waiting thread ends them.
   *
   * @throws CancellationException where they were ended
   */
  static <R> R await(Future<R> started) {
    try {
      return started.get();
    } catch (ExecutionException e) {
      throw Tasks.<RuntimeException>asIs(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      started.cancel(true);
      throw Tasks.<RuntimeException>asIs(e);
    }
  }

  /** What tasks throw is not declared, as little as by Spark, and is told by its type. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E asIs(Throwable thrown) throws E {
    throw (E) thrown;
  }
}
