package io.batchinfer.model;

import java.util.Locale;

/** Where a job stands, with the exit code of a command that finds it there. */
public enum JobStatus {
  PLANNING(0),
  RUNNING(0),
  FINALIZING(0),
  COMPLETED(0),
  /** Too many rows failed. */
  FAILED(3),
  /**
   * The endpoint refuses all (key, model, host or credit), or the run met something that has to be
   * fixed first.
   */
  STOPPED(1),
  CANCELLED(4),
  EXPIRED(5),
  OUT_OF_BUDGET(6),
  COOLING_DOWN(8),
  INTERRUPTED(130),
  /** Never written: how a reader shows an active job that nobody is at work on. */
  STALLED(130);

  private final int exitCode;

  JobStatus(int exitCode) {
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }

  /** Whether a run is, or was when it last wrote, at work on the job. */
  public boolean isActive() {
    return this == PLANNING || this == RUNNING || this == FINALIZING;
  }

  /** Whether the job ended for good: the same command only prints the summary. */
  public boolean isFinal() {
    return this == COMPLETED || this == FAILED || this == CANCELLED || this == EXPIRED;
  }

  /** As it stands in job.json. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static JobStatus ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
