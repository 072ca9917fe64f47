package io.batchinfer.model;

/** Where a job of the service stands, in Mistral's words; OpenAI's are made from them. */
public enum BatchStatus {
  QUEUED,
  RUNNING,
  CANCELLATION_REQUESTED,
  SUCCESS,
  FAILED,
  TIMEOUT_EXCEEDED,
  CANCELLED;

  /** Whether nothing about the job changes any more. */
  public boolean isTerminal() {
    return this == SUCCESS || this == FAILED || this == TIMEOUT_EXCEEDED || this == CANCELLED;
  }
}
