package io.batchinfer.engine.run;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.lead.Death;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.engine.lead.SendingStage;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.FileStores;
import io.batchinfer.time.Scheduler;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Where the parts of a run are done: the executors of a Spark application, or threads of this
 * process. What its methods throw where a task fails has the task's exception as a cause.
 */
public interface Cluster {
  /** Whether everything is done in this process. */
  boolean isLocal();

  /** What it is called where a run is described, such as a master's address. */
  String name();

  /** Processes that work for it now. */
  int processes();

  /** Tasks that it does at a time. */
  int parallelism();

  /**
   * Looks whether the engines that a run is to start get what they need of its tasks.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where they do not
   */
  void checkEngines(ResolvedOptions options);

  /** Files as the driver sees them. */
  FileStores stores();

  /**
   * Does a task for each item and waits for all of them.
   *
   * @return the results in the order of the items
   */
  default <T, R> List<R> map(TaskLabel label, List<T> items, Task<T, R> task) {
    return Tasks.await(start(label, items, task));
  }

  /** The same without waiting; a cancel ends the tasks. */
  <T, R> Future<List<R>> start(TaskLabel label, List<T> items, Task<T, R> task);

  /**
   * Brings answers from where they are read to where they are written: all of a split to the same
   * task, in the order of their keys.
   *
   * @param writers tasks that write
   */
  <T> Future<Void> shuffle(
      TaskLabel label,
      List<T> items,
      Task<T, Iterator<CopiedAnswer>> read,
      int writers,
      AnswerWriter write);

  /** Writes answers that come in the order of their keys; perhaps more than once. */
  @FunctionalInterface
  interface AnswerWriter extends Serializable {
    /** Writes them. */
    void write(Iterator<CopiedAnswer> answers, TaskPlace here);
  }

  /** Starts workers, which end by themselves when nothing is left for them; a cancel ends them. */
  Future<Void> startWorkers(TaskLabel label, int workers, WorkerTask task);

  /** Something that holds until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** Who is told of processes that have ended. */
  interface Deaths {
    /** That one is gone, and what its end says. */
    void gone(String process, Death death);

    /** That one is certain to have ended. */
    void ended(String process);
  }

  /**
   * Lets tasks reach the driver, until that is closed.
   *
   * @param name by which tasks {@linkplain TaskPlace#driver find} it
   * @param driver answers them
   * @param broke is told what leaves this process unfit for work
   */
  Held connect(String name, DriverPort driver, Deaths deaths, Consumer<Throwable> broke);

  /**
   * Ends the tasks that this thread waits for once the run is interrupted, until that is closed, by
   * the same thread.
   */
  Held interruptible(RunInterrupt interrupt, Scheduler scheduler);

  /** Shows a run that begins to send to whoever watches the cluster, until that is closed. */
  Held watched(SendingStage stage, Scheduler scheduler);
}
