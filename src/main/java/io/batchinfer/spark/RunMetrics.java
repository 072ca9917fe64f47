package io.batchinfer.spark;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.watch.RunMetric;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The numbers of the catalogue as metrics of the library that Spark's sinks read. */
final class RunMetrics {
  private RunMetrics() {}

  /**
   * Registers all numbers of a reading.
   *
   * @param prefix of their names, empty or with a dot at its end
   */
  static void register(MetricRegistry registry, String prefix, Supplier<ProcessReading> reading) {
    for (RunMetric metric : RunMetric.values()) {
      registry.register(prefix + metric.dotted(), of(metric, () -> metric.of(reading.get())));
    }
  }

  /** Takes out what was registered with that prefix. */
  static void remove(MetricRegistry registry, String prefix) {
    for (RunMetric metric : RunMetric.values()) {
      registry.remove(prefix + metric.dotted());
    }
  }

  private static Metric of(RunMetric metric, LongSupplier value) {
    return metric.kind() == RunMetric.Kind.COUNTER ? new ReadCounter(value) : gauge(value);
  }

  static Gauge<Long> gauge(LongSupplier value) {
    return value::getAsLong;
  }

  /** A counter that counts elsewhere. */
  private static final class ReadCounter extends Counter {
    private final LongSupplier value;

    ReadCounter(LongSupplier value) {
      this.value = value;
    }

    @Override
    public long getCount() {
      return value.getAsLong();
    }
  }
}
