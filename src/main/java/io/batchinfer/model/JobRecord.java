package io.batchinfer.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A job as data: what {@code job.json} holds.
 *
 * @param jobId {@code batch_} and 32 hexadecimal digits of the identity and the output; empty while
 *     the job is planned
 * @param identity what must be equal for two commands to mean the same job, by option name
 * @param settings all options without secrets, by name
 * @param generation grows with every {@code --rerun}
 * @param rerun run id of the {@code --rerun} that began this generation, blank for one without a
 *     run id; empty where none did
 * @param message one sentence about how it ended, or empty
 * @param exitCode exit code of the command that wrote the record last
 * @param totalRequests rows of the plan, 0 while it is made
 * @param resumedRequests rows that an earlier run had settled
 * @param cost what the answers cost, or empty when a price is unknown
 * @param unpricedModels models of the input whose price is unknown, the first of them where there
 *     are many; the empty name stands for rows that name none
 * @param sendingSeconds seconds of the sending stage of the last run
 * @param durationSeconds seconds of the last run
 */
public record JobRecord(
    String jobId,
    JobStatus status,
    SortedMap<String, String> identity,
    SortedMap<String, String> settings,
    Map<String, String> metadata,
    int generation,
    Optional<String> rerun,
    String output,
    String message,
    int exitCode,
    boolean resumable,
    long totalRequests,
    long resumedRequests,
    Counts counts,
    Optional<Double> cost,
    String currency,
    List<String> unpricedModels,
    Instant startedAt,
    Optional<Instant> completedAt,
    double sendingSeconds,
    double durationSeconds) {

  public JobRecord {
    identity = new TreeMap<>(identity);
    settings = new TreeMap<>(settings);
    metadata = Map.copyOf(metadata);
    unpricedModels = List.copyOf(unpricedModels);
  }

  /** Settled rows per second of the sending stage. */
  public double requestsPerSecond() {
    long sent = counts.settled() - resumedRequests;
    return sendingSeconds <= 0 || sent <= 0 ? 0 : sent / sendingSeconds;
  }

  /** Whether every row has its line in the results or the errors. */
  public boolean isSettled() {
    return totalRequests > 0 && counts.settled() == totalRequests;
  }

  /** The record as a reader shows it when the run that wrote it is gone. */
  public JobRecord stalled(String why) {
    return new JobRecord(
        jobId,
        JobStatus.STALLED,
        identity,
        settings,
        metadata,
        generation,
        rerun,
        output,
        why,
        JobStatus.STALLED.exitCode(),
        true,
        totalRequests,
        resumedRequests,
        counts,
        cost,
        currency,
        unpricedModels,
        startedAt,
        completedAt,
        sendingSeconds,
        durationSeconds);
  }
}
