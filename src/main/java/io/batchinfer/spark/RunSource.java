package io.batchinfer.spark;

import com.codahale.metrics.MetricRegistry;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.lead.SendingStage;
import io.batchinfer.engine.run.Cluster;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.SystemTime;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.spark.metrics.source.Source;

/**
 * The driver's view of its runs, in Spark's metrics system: all of them together, and each executor
 * that works for one, since no executor can be asked itself. Thread-safe.
 */
public final class RunSource implements Source {
  /** Its name in Spark's metrics system. */
  public static final String NAME = "batchinfer.run";

  /** Rows of the runs that are sending. */
  public static final String ROWS_TOTAL = "rows.total";

  /** Rows of them that are settled, in this run or before. */
  public static final String ROWS_SETTLED = "rows.settled";

  /** What stands before an executor's id in the names of its numbers. */
  public static final String EXECUTOR = "executor.";

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final RunSource SOURCE = new RunSource(SystemTime.TICKER);
  private static final MetricsRegistration HERE = new MetricsRegistration(SOURCE);

  private final MetricRegistry registry = new MetricRegistry();
  private final Supplier<SortedMap<String, ProcessReading>> executors;

  @GuardedBy("this")
  private final List<SendingStage> stages = new ArrayList<>();

  @GuardedBy("this")
  private ProcessReading ended = ProcessReading.NOTHING;

  @GuardedBy("this")
  private final Set<String> registered = new HashSet<>();

  RunSource(Ticker ticker) {
    this.executors = new RecentReading<>(this::readExecutors, ticker);
    RunMetrics.register(registry, "", new RecentReading<>(this::read, ticker));
    registry.register(ROWS_TOTAL, RunMetrics.gauge(() -> sum(SendingStage::rows)));
    registry.register(ROWS_SETTLED, RunMetrics.gauge(() -> sum(SendingStage::settledRows)));
  }

  /** The source of this driver, made known to its metrics system. */
  static RunSource here() {
    HERE.ensure();
    return SOURCE;
  }

  /**
   * Shows a run that begins to send, until that is closed.
   *
   * @param scheduler looks for executors that come and go
   */
  Cluster.Held watch(SendingStage stage, Scheduler scheduler) {
    synchronized (this) {
      stages.add(stage);
    }
    lookForExecutors(stage, scheduler);
    return () -> end(stage);
  }

  private void end(SendingStage stage) {
    synchronized (this) {
      if (stages.remove(stage)) {
        ended = ended.plus(stage.done());
      }
    }
    showExecutors();
  }

  private void lookForExecutors(SendingStage stage, Scheduler scheduler) {
    synchronized (this) {
      if (!stages.contains(stage)) {
        return;
      }
    }
    showExecutors();
    scheduler.schedule(() -> lookForExecutors(stage, scheduler), LOOK_AGAIN);
  }

  /** An executor has its numbers from when it is heard of until no run knows it any more. */
  private void showExecutors() {
    Set<String> now = readExecutors().keySet();
    synchronized (this) {
      for (String id : now) {
        if (registered.add(id)) {
          RunMetrics.register(
              registry, prefix(id), () -> executors.get().getOrDefault(id, ProcessReading.NOTHING));
        }
      }
      registered.removeIf(
          id -> {
            boolean gone = !now.contains(id);
            if (gone) {
              RunMetrics.remove(registry, prefix(id));
            }
            return gone;
          });
    }
  }

  private static String prefix(String executor) {
    return EXECUTOR + executor + ".";
  }

  private List<SendingStage> stages() {
    synchronized (this) {
      return List.copyOf(stages);
    }
  }

  private ProcessReading read() {
    ProcessReading sum;
    List<SendingStage> sending;
    synchronized (this) {
      sum = ended;
      sending = List.copyOf(stages);
    }
    for (SendingStage stage : sending) {
      sum = sum.plus(stage.reading());
    }
    return sum;
  }

  private SortedMap<String, ProcessReading> readExecutors() {
    SortedMap<String, ProcessReading> sum = new TreeMap<>();
    for (SendingStage stage : stages()) {
      stage.readings().forEach((id, reading) -> sum.merge(id, reading, ProcessReading::plus));
    }
    return sum;
  }

  private long sum(ToLongFunction<SendingStage> number) {
    return stages().stream().mapToLong(number).sum();
  }

  @Override
  public String sourceName() {
    return NAME;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
