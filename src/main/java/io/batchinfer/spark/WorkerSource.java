package io.batchinfer.spark;

import com.codahale.metrics.MetricRegistry;
import io.batchinfer.engine.send.ProcessWork;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.time.SystemTime;
import java.util.function.Supplier;
import org.apache.spark.metrics.source.Source;

/**
 * What the workers of this process have done, in Spark's metrics system: an executor's own view.
 */
public final class WorkerSource implements Source {
  /** Its name in Spark's metrics system. */
  public static final String NAME = "batchinfer.worker";

  private static final MetricsRegistration HERE =
      new MetricsRegistration(
          new WorkerSource(new RecentReading<>(ProcessWork::here, SystemTime.TICKER)));

  private final MetricRegistry registry = new MetricRegistry();

  WorkerSource(Supplier<ProcessReading> reading) {
    RunMetrics.register(registry, "", reading);
  }

  /** Makes it known to the metrics system of this process. */
  static void register() {
    HERE.ensure();
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
