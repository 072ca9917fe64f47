package io.batchinfer.spark;

import io.batchinfer.config.Options;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a run will say of itself: gathers it and writes {@code job.json}. For one thread. */
final class RunBook {
  private final JobFolder folder;
  private final JobRequest request;
  private final Instant startedAt;
  private final Instant runStartedAt = Instant.now();
  private final int generation;
  private SortedMap<String, String> identity;
  private String jobId = "";
  private long totalRequests;
  private long resumedRequests;
  private Counts counts = Counts.ZERO;
  private double sendingSeconds;

  RunBook(JobFolder folder, JobRequest request, Optional<JobRecord> existing, boolean rerun) {
    this.folder = folder;
    this.request = request;
    this.identity = new TreeMap<>(request.options().identity());
    this.generation = existing.map(record -> record.generation() + (rerun ? 1 : 0)).orElse(1);
    this.startedAt = rerun ? runStartedAt : existing.map(JobRecord::startedAt).orElse(runStartedAt);
  }

  void planned(Plan plan, SortedMap<String, String> jobIdentity, Hash128 jobHash) {
    identity = jobIdentity;
    jobId = "batch_" + jobHash.hex();
    totalRequests = plan.rows();
  }

  void resumed(long rows) {
    resumedRequests = rows;
  }

  void counted(Counts settled, double seconds) {
    counts = settled;
    sendingSeconds = seconds;
  }

  Counts counts() {
    return counts;
  }

  long resumedRequests() {
    return resumedRequests;
  }

  Instant startedAt() {
    return startedAt;
  }

  JobRecord write(JobStatus status, String message) {
    return write(status, message, status.exitCode());
  }

  JobRecord write(JobStatus status, String message, int exitCode) {
    Instant now = Instant.now();
    JobRecord record =
        new JobRecord(
            jobId,
            status,
            identity,
            request.options().asStrings(),
            request.options().find(Options.METADATA).orElse(Map.of()),
            generation,
            folder.root(),
            message,
            exitCode,
            status != JobStatus.COMPLETED && status != JobStatus.FAILED,
            totalRequests,
            resumedRequests,
            counts,
            request.price().map(price -> price.cost(counts.usage()).doubleValue()),
            request.price().map(price -> price.currency()).orElse("USD"),
            startedAt,
            status.isActive() ? Optional.empty() : Optional.of(now),
            sendingSeconds,
            Duration.between(runStartedAt, now).toNanos() / 1e9);
    folder.writeRecord(record);
    return record;
  }
}
