package io.batchinfer.engine.run;

import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.WatchingOptions;
import io.batchinfer.engine.BuildVersion;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.time.SystemTime;
import io.batchinfer.watch.otlp.OtlpRun;
import io.batchinfer.watch.otlp.OtlpSettings;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** The span of a run where its options name a collector, and nothing otherwise. For one thread. */
final class RunTrace implements AutoCloseable {
  private final Optional<OtlpRun> run;

  /**
   * The run begins.
   *
   * @param notice is told what the user should know of the collector
   */
  RunTrace(JobRequest request, Consumer<String> notice) {
    ResolvedOptions options = request.options();
    this.run =
        options
            .find(WatchingOptions.OTLP_ENDPOINT)
            .map(
                endpoint ->
                    new OtlpRun(
                        new OtlpSettings(
                            endpoint,
                            request.secrets().collector(),
                            "driver-" + UUID.randomUUID(),
                            BuildVersion.CURRENT,
                            options.profile().map(ProviderProfile::name).orElse(""),
                            SystemTime.TICKER,
                            Clock.systemUTC(),
                            notice)));
  }

  /** The span as the run's workers are told of it; empty where there is none. */
  String parent() {
    return run.map(OtlpRun::traceParent).orElse("");
  }

  /** The run has come to its end; returns its record. */
  JobRecord ended(JobRecord record) {
    run.ifPresent(
        span ->
            span.ended(
                record.jobId(),
                record.status().word(),
                record.counts(),
                record.status() == JobStatus.COMPLETED));
    return record;
  }

  /** The run was ended by that. */
  void failed(Throwable thrown) {
    run.ifPresent(
        span ->
            span.failed(
                thrown instanceof BatchException known
                    ? known.code().code()
                    : thrown.getClass().getName()));
  }

  @Override
  public void close() {
    run.ifPresent(OtlpRun::close);
  }
}
