package io.batchinfer.engine.run;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.engine.lead.SendingStage;
import io.batchinfer.engine.send.WorkerSetting;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.FileStores;
import io.batchinfer.time.Scheduler;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Threads of this process, which need no Spark. Thread-safe. */
public final class LocalCluster implements Cluster, AutoCloseable {
  /** What it is called where a master is named. */
  public static final String NAME = "none";

  private static final String PROCESS = WorkerSetting.DRIVER;
  private static final long END_SECONDS = 10;

  private final int threads;
  private final FileStores stores;
  private final TaskPlace here = new Here();
  private final Map<String, DriverPort> connections = new ConcurrentHashMap<>();
  private final Set<TaskGroup<?>> running = ConcurrentHashMap.newKeySet();
  private volatile boolean interrupted;
  private final ExecutorService pool = Executors.newCachedThreadPool(daemons("batchinfer-task"));

  /** Answers workers as a driver elsewhere would: on a thread of its own. */
  private final ExecutorService driver =
      Executors.newSingleThreadExecutor(daemons("batchinfer-authority"));

  /**
   * One without tasks.
   *
   * @param threads tasks at a time
   */
  public LocalCluster(int threads, FileStores stores) {
    this.threads = threads;
    this.stores = stores;
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int processes() {
    return 1;
  }

  @Override
  public int parallelism() {
    return threads;
  }

  /** All that this machine has is theirs. */
  @Override
  public void checkEngines(ResolvedOptions options) {}

  @Override
  public FileStores stores() {
    return stores;
  }

  @Override
  public <T, R> Future<List<R>> start(TaskLabel label, List<T> items, Task<T, R> task) {
    return begin(items, threads, item -> () -> task.call(item, here));
  }

  private <T, R> TaskGroup<R> begin(
      List<T> items, int atATime, Function<T, TaskGroup.Part<R>> parts) {
    TaskGroup<R> group = new TaskGroup<>(items.stream().map(parts).toList());
    running.add(group);
    CompletableFuture<List<R>> unused =
        group.whenComplete((results, failure) -> running.remove(group));
    group.begin(pool, atATime);
    if (interrupted) {
      group.cancel(true);
    }
    return group;
  }

  @Override
  public <T> Future<Void> shuffle(
      TaskLabel label,
      List<T> items,
      Task<T, Iterator<CopiedAnswer>> read,
      int writers,
      AnswerWriter write) {
    return begin(
            List.of(label),
            1,
            unused ->
                () -> {
                  try (LocalShuffle shuffle = new LocalShuffle(writers)) {
                    add(shuffle, label, items, read);
                    List<Integer> files = IntStream.range(0, shuffle.count()).boxed().toList();
                    for (int file : files) {
                      write.write(shuffle.sorted(file), here);
                    }
                    return files.size();
                  }
                })
        .withoutResults();
  }

  private <T> void add(
      LocalShuffle shuffle, TaskLabel label, List<T> items, Task<T, Iterator<CopiedAnswer>> read) {
    List<Boolean> unused =
        Tasks.await(
            start(
                label,
                items,
                (item, where) -> {
                  shuffle.add(read.call(item, where));
                  return true;
                }));
  }

  @Override
  public Future<Void> startWorkers(TaskLabel label, int workers, WorkerTask task) {
    return begin(Collections.nCopies(workers, task), workers, each -> () -> work(each))
        .withoutResults();
  }

  private boolean work(WorkerTask task) throws InterruptedException {
    try {
      task.work(here, runtime -> () -> {});
      return true;
    } catch (Error e) {
      throw WorkerTask.ending(e);
    }
  }

  @Override
  public Held connect(String name, DriverPort port, Deaths deaths, Consumer<Throwable> broke) {
    connections.put(
        name,
        message ->
            CompletableFuture.supplyAsync(() -> port.ask(message), driver)
                .thenCompose(Function.identity())
                .whenComplete((reply, failure) -> tell(failure, broke)));
    return () -> connections.remove(name);
  }

  private static void tell(@Nullable Throwable failure, Consumer<Throwable> broke) {
    @Nullable Throwable cause = failure == null ? null : failure.getCause();
    if (cause instanceof Error) {
      broke.accept(cause);
    }
  }

  @Override
  public Held interruptible(RunInterrupt interrupt, Scheduler scheduler) {
    interrupt.whenInterrupted(
        () -> {
          interrupted = true;
          running.forEach(group -> group.cancel(true));
        });
    return () -> interrupted = false;
  }

  @Override
  public Held watched(SendingStage stage, Scheduler scheduler) {
    return () -> {};
  }

  /** Ends what is left. */
  @Override
  public void close() {
    running.forEach(group -> group.cancel(true));
    pool.shutdownNow();
    driver.shutdown();
    try {
      pool.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Here implements TaskPlace {
    @Override
    public FileStores stores() {
      return stores;
    }

    @Override
    public DriverPort driver(String connection) {
      DriverPort port = connections.get(connection);
      if (port == null) {
        throw new IllegalStateException("The run is over");
      }
      return port;
    }

    @Override
    public String process() {
      return PROCESS;
    }

    @Override
    public List<String> gpus() {
      return List.of();
    }

    @Override
    public String host() {
      return "localhost";
    }
  }
}
