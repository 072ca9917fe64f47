package io.batchinfer.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A job as data: what {@code job.json} holds. */
public record JobRecord(
    Definition definition,
    Generation generation,
    Standing standing,
    Rows rows,
    Costs costs,
    Times times,
    List<EngineFigures> engines) {

  public JobRecord {
    engines = List.copyOf(engines);
  }

  /** Of a job whose last run started no engines. */
  public JobRecord(
      Definition definition,
      Generation generation,
      Standing standing,
      Rows rows,
      Costs costs,
      Times times) {
    this(definition, generation, standing, rows, costs, times, List.of());
  }

  /**
   * What job it is.
   *
   * @param jobId {@code batch_} and 32 hexadecimal digits of the identity and the output; empty
   *     while the job is planned
   * @param output URI of the job's folder
   * @param identity what must be equal for two commands to mean the same job, by option name
   * @param settings all options without secrets, by name
   * @param metadata as the user gave it
   */
  public record Definition(
      String jobId,
      String output,
      SortedMap<String, String> identity,
      SortedMap<String, String> settings,
      Map<String, String> metadata) {
    public Definition {
      identity = new TreeMap<>(identity);
      settings = new TreeMap<>(settings);
      metadata = Map.copyOf(metadata);
    }
  }

  /**
   * Which repetition of it.
   *
   * @param number grows with every {@code --rerun}, from 1
   * @param rerun run id of the {@code --rerun} that began this generation, blank for one without a
   *     run id; empty where none did
   */
  public record Generation(int number, Optional<String> rerun) {
    public static final Generation FIRST = new Generation(1, Optional.empty());
  }

  /**
   * How it stands.
   *
   * @param message one sentence about how it ended, or empty
   * @param exitCode exit code of the command that wrote the record last
   * @param resumable whether the same command goes on with it
   */
  public record Standing(JobStatus status, String message, int exitCode, boolean resumable) {
    /** A job of that status, with which the same command goes on unless it is over. */
    public static Standing of(JobStatus status, String message, int exitCode) {
      boolean over = status == JobStatus.COMPLETED || status == JobStatus.FAILED;
      return new Standing(status, message, exitCode, !over);
    }
  }

  /**
   * Its rows.
   *
   * @param total rows of the plan, 0 while it is made
   * @param resumed rows that an earlier run had settled
   * @param counts those that are settled
   */
  public record Rows(long total, long resumed, Counts counts) {
    /** Whether every row has its line in the results or the errors. */
    boolean isSettled() {
      return total > 0 && counts.settled() == total;
    }
  }

  /**
   * What its answers cost.
   *
   * @param amount in the currency, or empty when a price is unknown
   * @param unpricedModels models of the input whose price is unknown, the first of them where there
   *     are many; the empty name stands for rows that name none
   */
  public record Costs(Optional<Double> amount, String currency, List<String> unpricedModels) {
    /** Before the models of the job are known. */
    public static final Costs UNKNOWN = new Costs(Optional.empty(), "USD", List.of());

    public Costs {
      unpricedModels = List.copyOf(unpricedModels);
    }
  }

  /**
   * How long it took.
   *
   * @param sendingSeconds seconds of the sending stage of the last run
   * @param durationSeconds seconds of the last run
   */
  public record Times(
      Instant startedAt,
      Optional<Instant> completedAt,
      double sendingSeconds,
      double durationSeconds) {}

  public String jobId() {
    return definition.jobId();
  }

  /** URI of the job's folder. */
  public String output() {
    return definition.output();
  }

  /** What must be equal for two commands to mean the same job, by option name. */
  public SortedMap<String, String> identity() {
    return definition.identity();
  }

  public JobStatus status() {
    return standing.status();
  }

  /** One sentence about how it ended, or empty. */
  public String message() {
    return standing.message();
  }

  /** Exit code of the command that wrote the record last. */
  public int exitCode() {
    return standing.exitCode();
  }

  /** Rows of the plan, 0 while it is made. */
  public long totalRequests() {
    return rows.total();
  }

  /** Rows that an earlier run had settled. */
  public long resumedRequests() {
    return rows.resumed();
  }

  public Counts counts() {
    return rows.counts();
  }

  /** What the answers cost, or empty when a price is unknown. */
  public Optional<Double> cost() {
    return costs.amount();
  }

  public String currency() {
    return costs.currency();
  }

  /** Settled rows per second of the sending stage. */
  public double requestsPerSecond() {
    long sent = rows.counts().settled() - rows.resumed();
    return times.sendingSeconds() <= 0 || sent <= 0 ? 0 : sent / times.sendingSeconds();
  }

  /** Whether every row has its line in the results or the errors. */
  public boolean isSettled() {
    return rows.isSettled();
  }

  /** The record as a reader shows it when the run that wrote it is gone. */
  public JobRecord stalled(String why) {
    Standing gone = Standing.of(JobStatus.STALLED, why, JobStatus.STALLED.exitCode());
    return new JobRecord(definition, generation, gone, rows, costs, times, engines);
  }
}
