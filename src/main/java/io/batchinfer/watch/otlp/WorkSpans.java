package io.batchinfer.watch.otlp;

import io.batchinfer.watch.RowDone;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A process's part of a run as spans: one for each split, and for a few of the rows. Thread-safe.
 */
final class WorkSpans {
  /** One row in so many has a span. */
  static final int SAMPLED_OF = 1_000;

  /** Rows that failed, of those that are not sampled, have one up to so many. */
  static final int MOST_FAILED = 100;

  static final AttributeKey<Long> SPLIT = AttributeKey.longKey("batchinfer.split");
  static final AttributeKey<Long> LINE = AttributeKey.longKey("batchinfer.line");
  static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("batchinfer.attempts");
  static final AttributeKey<Long> ROWS = AttributeKey.longKey("batchinfer.rows");
  static final AttributeKey<Long> FAILED = AttributeKey.longKey("batchinfer.rows.failed");

  private final Tracer tracer;
  private final Context run;
  private final String provider;
  private final PlainNames names;
  private final LongUnaryOperator toEpoch;
  private final Map<Integer, OpenSplit> open = new ConcurrentHashMap<>();
  private final AtomicInteger failedRows = new AtomicInteger();

  /**
   * @param run the span of the run
   * @param toEpoch nanoseconds since 1970 of a moment of the observer's time
   */
  WorkSpans(
      Tracer tracer, Context run, String provider, PlainNames names, LongUnaryOperator toEpoch) {
    this.tracer = tracer;
    this.run = run;
    this.provider = provider;
    this.names = names;
    this.toEpoch = toEpoch;
  }

  private record OpenSplit(Span span, LongAdder rows, LongAdder failed) {
    void end() {
      span.setAttribute(ROWS, rows.sum());
      span.setAttribute(FAILED, failed.sum());
      span.end();
    }
  }

  void splitBegan(int split) {
    Span span =
        tracer
            .spanBuilder("batchinfer split")
            .setParent(run)
            .setAttribute(SPLIT, (long) split)
            .startSpan();
    @Nullable OpenSplit before =
        open.put(split, new OpenSplit(span, new LongAdder(), new LongAdder()));
    if (before != null) {
      before.end();
    }
  }

  void splitEnded(int split) {
    @Nullable OpenSplit ended = open.remove(split);
    if (ended != null) {
      ended.end();
    }
  }

  void rowEnded(RowDone row, long now) {
    @Nullable OpenSplit split = open.get(row.split());
    if (split != null) {
      split.rows().increment();
      if (row.isFailed()) {
        split.failed().increment();
      }
    }
    if (isSampled(row) || (row.isFailed() && failedRows.getAndIncrement() < MOST_FAILED)) {
      show(row, split == null ? run : run.with(split.span()), now);
    }
  }

  private void show(RowDone row, Context parent, long now) {
    String operation = GenAi.operation(row.path());
    String model = names.shown(row.model()).orElse("");
    SpanBuilder builder =
        tracer
            .spanBuilder(model.isEmpty() ? operation : operation + " " + model)
            .setParent(parent)
            .setSpanKind(SpanKind.CLIENT)
            .setStartTimestamp(toEpoch.applyAsLong(row.began()), TimeUnit.NANOSECONDS)
            .setAttribute(GenAi.OPERATION_NAME, operation)
            .setAttribute(GenAi.PROVIDER_NAME, provider)
            .setAttribute(SPLIT, (long) row.split())
            .setAttribute(LINE, (long) row.line())
            .setAttribute(ATTEMPTS, (long) row.attempts());
    if (!model.isEmpty()) {
      builder.setAttribute(GenAi.REQUEST_MODEL, model);
    }
    if (row.isFailed()) {
      builder.setAttribute(GenAi.ERROR_TYPE, names.shown(row.error()).orElse("_OTHER"));
    }
    Span span = builder.startSpan();
    if (row.isFailed()) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(toEpoch.applyAsLong(now), TimeUnit.NANOSECONDS);
  }

  /** The same rows in every run of a job. */
  static boolean isSampled(RowDone row) {
    long mixed = (row.split() * 0x9E3779B97F4A7C15L) ^ (row.line() * 0xC2B2AE3D27D4EB4FL);
    mixed ^= mixed >>> 32;
    mixed *= 0xD6E8FEB86659FD93L;
    mixed ^= mixed >>> 32;
    return Math.floorMod(mixed, SAMPLED_OF) == 0;
  }

  /** Ends the spans of splits that are given back. */
  void close() {
    open.keySet().forEach(this::splitEnded);
  }
}
