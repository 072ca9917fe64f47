package io.batchinfer.watch.otlp;

import io.batchinfer.model.Counts;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;

/** Tells a collector of a run as a whole, from its driver: one span. For one thread. */
public final class OtlpRun implements AutoCloseable {
  private static final AttributeKey<Long> OUTPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  private static final AttributeKey<Long> INPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.input_tokens");
  private static final AttributeKey<String> JOB = AttributeKey.stringKey("batchinfer.job");
  private static final AttributeKey<String> STATUS = AttributeKey.stringKey("batchinfer.status");

  private final Collector collector;
  private final Span span;

  /** The run begins. */
  public OtlpRun(OtlpSettings settings) {
    this.collector = new Collector(settings);
    this.span =
        collector
            .tracer()
            .spanBuilder("batchinfer run")
            .setParent(Context.root())
            .setAttribute(GenAi.PROVIDER_NAME, GenAi.provider(settings.provider()))
            .startSpan();
  }

  /** The span as it is told to the processes that work for the run. */
  public String traceParent() {
    return TraceParent.of(span.getSpanContext());
  }

  /**
   * The run has come to its end.
   *
   * @param job its id, or empty
   * @param status how the job stands
   * @param counts of the whole job
   * @param well whether nothing is wrong with that
   */
  public void ended(String job, String status, Counts counts, boolean well) {
    span.setAttribute(JOB, job);
    span.setAttribute(STATUS, status);
    span.setAttribute(WorkSpans.ROWS, counts.settled());
    span.setAttribute(WorkSpans.FAILED, counts.failed());
    span.setAttribute(INPUT_TOKENS, counts.usage().promptTokens());
    span.setAttribute(OUTPUT_TOKENS, counts.usage().completionTokens());
    if (!well) {
      failed(status);
    }
  }

  /**
   * The run ended without a record of its own.
   *
   * @param error a word for why
   */
  public void failed(String error) {
    span.setStatus(StatusCode.ERROR);
    span.setAttribute(GenAi.ERROR_TYPE, error);
  }

  @Override
  public void close() {
    span.end();
    collector.close();
  }
}
