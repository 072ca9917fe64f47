package io.batchinfer.watch.otlp;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.function.Consumer;

/** An exporter of spans whose ends somebody hears. Thread-safe. */
final class HeardSpanExporter implements SpanExporter {
  private final SpanExporter exporter;
  private final Consumer<CompletableResultCode> ended;

  HeardSpanExporter(SpanExporter exporter, Consumer<CompletableResultCode> ended) {
    this.exporter = exporter;
    this.ended = ended;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    CompletableResultCode export = exporter.export(spans);
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
}
