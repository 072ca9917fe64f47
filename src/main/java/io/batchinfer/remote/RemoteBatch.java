package io.batchinfer.remote;

import java.util.List;
import java.util.Optional;

/**
 * A batch as its provider shows it.
 *
 * @param id the provider's
 * @param status in the provider's own word
 * @param counts requests, as far as the provider has counted them
 * @param files of its answers: those that succeeded, then those that failed, each where it has one
 * @param problems why the provider took it for invalid
 * @param inputFile id of the file of its requests, or empty
 * @param ownId the id that it was created with, or empty where the provider shows none
 */
public record RemoteBatch(
    String id,
    Phase phase,
    String status,
    Counts counts,
    List<String> files,
    List<Problem> problems,
    String inputFile,
    String ownId) {
  /** How far it is. */
  public enum Phase {
    /** Work goes on, or has not begun. */
    RUNNING,
    /** It is over, and what it has is to be read. */
    ENDED,
    /** The provider did not take it. */
    REFUSED
  }

  /** Its requests: all, and those that are through. */
  public record Counts(long total, long completed, long failed) {
    /** Requests that have ended in either way. */
    public long done() {
      return completed + failed;
    }
  }

  /**
   * What is wrong with it.
   *
   * @param code the provider's, or empty
   * @param line of its file, from 1, where the provider names one
   */
  public record Problem(String code, String message, Optional<Long> line) {
    /** Whether it only had to wait for others to end. */
    public boolean isLimit() {
      return code.endsWith("limit_exceeded") || code.equals("rate_limit_reached");
    }

    /** Whether it may be the provider's own trouble, which is over at another time. */
    public boolean mayPass() {
      return code.isEmpty()
          || code.contains("server")
          || code.contains("internal")
          || code.contains("unavailable")
          || code.contains("overloaded")
          || code.contains("timeout");
    }
  }

  public RemoteBatch {
    files = List.copyOf(files);
    problems = List.copyOf(problems);
  }
}
