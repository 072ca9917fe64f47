package io.batchinfer.watch.otlp;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The way to a collector. What is told is kept in bounded memory and sent by threads of its own;
 * what does not arrive is lost, and nobody waits for it for longer than {@link #LAST_WORDS}, at the
 * end. Thread-safe.
 */
final class Collector implements AutoCloseable {
  /** How long the end of a run may wait for the collector. */
  static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration SPAN_DELAY = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final int MOST_SPANS_KEPT = 2_048;
  private static final String SCOPE = "io.batchinfer";

  /** The library logs every export that fails; it is told once, by our own words. */
  private static final Logger LIBRARY =
      Logger.getLogger(Resource.class.getPackageName().replaceFirst("\\.sdk\\..*", ""));

  static {
    LIBRARY.setLevel(Level.OFF);
  }

  private final OtlpSettings settings;
  private final SdkMeterProvider meters;
  private final SdkTracerProvider tracers;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile boolean failing;

  Collector(OtlpSettings settings) {
    this.settings = settings;
    Resource resource =
        Resource.getDefault()
            .merge(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"), "batchinfer",
                        AttributeKey.stringKey("service.version"), settings.version(),
                        AttributeKey.stringKey("service.instance.id"), settings.instance())));
    this.meters =
        SdkMeterProvider.builder()
            .setResource(resource)
            .registerMetricReader(
                PeriodicMetricReader.builder(new HeardMetricExporter(metrics(), this::ended))
                    .setInterval(INTERVAL)
                    .build())
            .registerView(
                // What the library measures of itself.
                InstrumentSelector.builder().setName("otel.sdk.*").build(),
                View.builder().setAggregation(Aggregation.drop()).build())
            .build();
    this.tracers =
        SdkTracerProvider.builder()
            .setResource(resource)
            .addSpanProcessor(
                BatchSpanProcessor.builder(new HeardSpanExporter(spans(), this::ended))
                    .setMaxQueueSize(MOST_SPANS_KEPT)
                    .setScheduleDelay(SPAN_DELAY)
                    .setExporterTimeout(TIMEOUT)
                    .setMeterProvider(MeterProvider.noop())
                    .build())
            .build();
  }

  private OtlpHttpMetricExporter metrics() {
    var builder =
        OtlpHttpMetricExporter.builder()
            .setEndpoint(settings.endpoint() + "/v1/metrics")
            .setTimeout(TIMEOUT)
            .setConnectTimeout(CONNECT_TIMEOUT)
            .setRetryPolicy(null)
            .setMeterProvider(MeterProvider.noop());
    settings.headers().forEach(builder::addHeader);
    return builder.build();
  }

  private OtlpHttpSpanExporter spans() {
    var builder =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(settings.endpoint() + "/v1/traces")
            .setTimeout(TIMEOUT)
            .setConnectTimeout(CONNECT_TIMEOUT)
            .setRetryPolicy(null)
            .setMeterProvider(MeterProvider.noop());
    settings.headers().forEach(builder::addHeader);
    return builder.build();
  }

  Meter meter() {
    return meters.get(SCOPE);
  }

  Tracer tracer() {
    return tracers.get(SCOPE);
  }

  private void ended(CompletableResultCode export) {
    failing = !export.isSuccess();
    if (failing) {
      troubled();
    }
  }

  /** Tells, once, that the collector does not hear. */
  void troubled() {
    if (told.compareAndSet(false, true)) {
      settings
          .notice()
          .accept(
              "The OpenTelemetry collector at \"%s\" does not take what it is sent. The run goes on without it; see whether --otlp-endpoint is right and the collector takes OTLP over HTTP."
                  .formatted(settings.endpoint()));
    }
  }

  /** Sends what is left, unless the collector did not take what came before. */
  @Override
  public void close() {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    Thread sender =
        new Thread(
            () -> {
              tracers.shutdown().join(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
              meters.shutdown().join(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
              sent.complete(null);
            },
            "batchinfer-otlp-end");
    sender.setDaemon(true);
    sender.start();
    if (failing) {
      return;
    }
    try {
      sent.get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException late) {
      troubled();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
