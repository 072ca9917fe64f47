package io.batchinfer.watch.otlp;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import java.util.Collection;
import java.util.function.Consumer;

/** An exporter of metrics whose ends somebody hears. Thread-safe. */
final class HeardMetricExporter implements MetricExporter {
  private final MetricExporter exporter;
  private final Consumer<CompletableResultCode> ended;

  HeardMetricExporter(MetricExporter exporter, Consumer<CompletableResultCode> ended) {
    this.exporter = exporter;
    this.ended = ended;
  }

  @Override
  public CompletableResultCode export(Collection<MetricData> metrics) {
    CompletableResultCode export = exporter.export(metrics);
    return export.whenComplete(() -> ended.accept(export));
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }

  @Override
  public AggregationTemporality getAggregationTemporality(InstrumentType type) {
    return exporter.getAggregationTemporality(type);
  }
}
