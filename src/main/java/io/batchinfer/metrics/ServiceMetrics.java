package io.batchinfer.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the service counts, for Prometheus to read. Thread-safe. */
public final class ServiceMetrics {
  /** Stands for every workspace where none is to be told from the others. */
  static final String ALL = "all";

  private final boolean byWorkspace;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicInteger active = new AtomicInteger();
  private final Map<Metric, MultiGauge> gauges = new EnumMap<>(Metric.class);

  /**
   * @param byWorkspace whether the reader may tell workspaces apart; otherwise their sums are shown
   */
  public ServiceMetrics(boolean byWorkspace) {
    this.byWorkspace = byWorkspace;
    Gauge.builder(Metric.HTTP_REQUESTS_ACTIVE.exported(), active, AtomicInteger::get)
        .description(Metric.HTTP_REQUESTS_ACTIVE.description())
        .register(registry);
    for (Metric metric : List.of(Metric.JOBS, Metric.JOBS_RUNNING, Metric.REQUESTS_PENDING)) {
      gauges.put(
          metric,
          MultiGauge.builder(metric.exported())
              .description(metric.description())
              .register(registry));
    }
  }

  /**
   * A value that a gauge has at the moment.
   *
   * @param labels values of the metric's labels in their order
   */
  public record Reading(List<String> labels, double value) {}

  public void callBegan() {
    active.incrementAndGet();
  }

  public void callEnded(String method, String route, int status, long nanos) {
    active.decrementAndGet();
    Timer.builder(base(Metric.HTTP_REQUESTS))
        .description(Metric.HTTP_REQUESTS.description())
        .tags("method", method, "route", route, "status", Integer.toString(status))
        .publishPercentiles(0.5, 0.99)
        .distributionStatisticExpiry(Duration.ofMinutes(2))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Adds to a counter.
   *
   * @param labels values of the metric's labels in their order
   */
  public void add(Metric metric, double amount, String... labels) {
    if (amount <= 0) {
      return;
    }
    Counter.builder(base(metric))
        .description(metric.description())
        .tags(tags(metric, List.of(labels)))
        .register(registry)
        .increment(amount);
  }

  /** Replaces all values of a gauge. */
  public void set(Metric metric, List<Reading> readings) {
    MultiGauge gauge = gauges.get(metric);
    if (gauge == null) {
      throw new IllegalArgumentException(metric + " is no gauge");
    }
    Map<Tags, Double> sums = new LinkedHashMap<>();
    readings.forEach(
        reading -> sums.merge(tags(metric, reading.labels()), reading.value(), Double::sum));
    List<Row<?>> rows = new ArrayList<>();
    sums.forEach((tags, value) -> rows.add(Row.of(tags, value)));
    gauge.register(rows, true);
  }

  private Tags tags(Metric metric, List<String> values) {
    Tags tags = Tags.empty();
    for (int i = 0; i < metric.labels().size(); i++) {
      String label = metric.labels().get(i);
      boolean hidden = label.equals(Metric.WORKSPACE) && !byWorkspace;
      tags = tags.and(label, hidden ? ALL : values.get(i));
    }
    return tags;
  }

  /** The name without the ending that the registry adds by itself. */
  private static String base(Metric metric) {
    return metric.exported().replaceFirst("_(seconds|total)$", "");
  }

  /** Everything in Prometheus' text format. */
  public String text() {
    return registry.scrape();
  }
}
