package io.batchinfer.watch.otlp;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.watch.RowDone;
import io.batchinfer.watch.RunMetric;
import io.batchinfer.watch.WorkObserver;
import io.opentelemetry.api.metrics.Meter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells a collector what a process does for a run: every attempt as a measurement, and splits and a
 * few of the rows as spans. No text of a request or an answer is among it. Thread-safe.
 */
public final class OtlpWorkObserver implements WorkObserver {
  private final Collector collector;
  private final OtlpSettings settings;
  private final AttemptMetrics attempts;
  private final WorkSpans spans;

  /**
   * @param traceParent the run's span, as {@link OtlpRun#traceParent} says it
   * @param secrets values that must not appear in what the collector is told
   */
  public OtlpWorkObserver(OtlpSettings settings, String traceParent, List<String> secrets) {
    this.settings = settings;
    this.collector = new Collector(settings);
    PlainNames names = new PlainNames(secrets);
    String provider = GenAi.provider(settings.provider());
    this.attempts = new AttemptMetrics(collector.meter(), provider, names);
    long origin = epochNanos(settings.clock().instant()) - settings.ticker().nanos();
    this.spans =
        new WorkSpans(
            collector.tracer(),
            TraceParent.context(traceParent),
            provider,
            names,
            moment -> origin + moment);
  }

  private static long epochNanos(Instant instant) {
    return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
  }

  @Override
  public void reads(Supplier<ProcessReading> reading) {
    Meter meter = collector.meter();
    for (RunMetric metric : RunMetric.values()) {
      String name = "batchinfer." + metric.dotted();
      if (metric.kind() == RunMetric.Kind.COUNTER) {
        meter
            .counterBuilder(name)
            .setUnit(metric.unit())
            .setDescription(metric.description())
            .buildWithCallback(measured -> measured.record(metric.of(reading.get())));
      } else {
        meter
            .gaugeBuilder(name)
            .ofLongs()
            .setUnit(metric.unit())
            .setDescription(metric.description())
            .buildWithCallback(measured -> measured.record(metric.of(reading.get())));
      }
    }
  }

  @Override
  public long now() {
    return settings.ticker().nanos();
  }

  @Override
  public void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos) {
    safely(() -> attempts.attempted(replica, request, attempt, nanos));
  }

  @Override
  public void splitBegan(int split) {
    safely(() -> spans.splitBegan(split));
  }

  @Override
  public void splitEnded(int split) {
    safely(() -> spans.splitEnded(split));
  }

  @Override
  public void rowEnded(RowDone row) {
    safely(() -> spans.rowEnded(row, now()));
  }

  /** What the library may throw must not end the run that it watches. */
  private void safely(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException e) {
      collector.troubled();
    }
  }

  @Override
  public void close() {
    safely(spans::close);
    collector.close();
  }
}
