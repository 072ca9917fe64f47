package io.batchinfer.spark;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.engine.lead.SendingStage;
import io.batchinfer.engine.run.Cluster;
import io.batchinfer.engine.run.Task;
import io.batchinfer.engine.run.TaskLabel;
import io.batchinfer.engine.run.WorkerTask;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.FileStores;
import io.batchinfer.time.Scheduler;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/** The executors of a Spark application, by a context that somebody else starts and stops. */
public final class SparkCluster implements Cluster {
  private final JavaSparkContext context;

  public SparkCluster(JavaSparkContext context) {
    this.context = context;
  }

  @Override
  public boolean isLocal() {
    return context.isLocal();
  }

  @Override
  public String name() {
    return context.master();
  }

  /** Those that are there now, without the driver unless that sends itself. */
  @Override
  public int processes() {
    int all = context.sc().statusTracker().getExecutorInfos().length;
    return context.isLocal() ? all : Math.max(0, all - 1);
  }

  @Override
  public int parallelism() {
    return context.defaultParallelism();
  }

  @Override
  public void checkEngines(ResolvedOptions options) {
    if (!context.isLocal()) {
      EngineGpus.check(context.getConf(), options);
    }
  }

  @Override
  public FileStores stores() {
    return new FileStores(context::hadoopConfiguration);
  }

  @Override
  public <T, R> Future<List<R>> start(TaskLabel label, List<T> items, Task<T, R> task) {
    try (JobLabel named = JobLabel.of(context, label.root(), label.words())) {
      return context
          .parallelize(items, Math.max(1, items.size()))
          .map(item -> task.call(item, TaskOnSpark.HERE))
          .collectAsync();
    }
  }

  @Override
  public <T> Future<Void> shuffle(
      TaskLabel label,
      List<T> items,
      Task<T, Iterator<CopiedAnswer>> read,
      int writers,
      AnswerWriter write) {
    try (JobLabel named = JobLabel.of(context, label.root(), label.words())) {
      return context
          .parallelize(items, Math.max(1, items.size()))
          .mapPartitionsToPair(mine -> new AnswerPairs<>(mine, read))
          .repartitionAndSortWithinPartitions(new BySplit(writers))
          .foreachPartitionAsync(
              pairs -> write.write(AnswerPairs.answers(pairs), TaskOnSpark.HERE));
    }
  }

  @Override
  public Future<Void> startWorkers(TaskLabel label, int workers, WorkerTask task) {
    try (JobLabel named = JobLabel.of(context, label.root(), label.words())) {
      return context
          .parallelize(Collections.nCopies(workers, 0), workers)
          .foreachPartitionAsync(unused -> work(task));
    }
  }

  private static void work(WorkerTask task) throws InterruptedException {
    WorkerSource.register();
    try {
      task.work(TaskOnSpark.HERE, ExecutorEnd::drains);
    } catch (Error e) {
      throw ExecutorEnd.ending(e);
    }
  }

  @Override
  public Held connect(String name, DriverPort driver, Deaths deaths, Consumer<Throwable> broke) {
    AuthorityEndpoint endpoint =
        new AuthorityEndpoint(SparkEnv.get().rpcEnv(), name, driver, broke);
    ExecutorDeaths heard = new ExecutorDeaths(context.sc(), deaths::gone, deaths::ended, broke);
    return () -> {
      heard.close();
      endpoint.close();
    };
  }

  @Override
  public Held interruptible(RunInterrupt interrupt, Scheduler scheduler) {
    return new InterruptibleJobs(context, interrupt, scheduler);
  }

  @Override
  public Held watched(SendingStage stage, Scheduler scheduler) {
    return RunSource.here().watch(stage, scheduler);
  }
}
