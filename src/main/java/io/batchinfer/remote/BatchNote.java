package io.batchinfer.remote;

import java.util.Objects;

/**
 * What is durably known of one batch of a job. Written before each step that could happen twice, so
 * that whoever goes on looks for what the step may have left.
 *
 * @param number among all batches of the job
 * @param round the cut that it is of
 * @param ownId unique; in the name of its file of requests, and in its metadata with {@code tries}
 * @param tries batches that were created for it and refused, so that each has an id of its own
 * @param file id of its file of requests at the provider, or empty
 * @param bytes of that file
 * @param batch id of the provider's batch, or empty
 * @param sinceMillis when the step was written down, by the wall clock
 * @param result what was read of it; nothing until then
 * @param times when the provider took it, and when it was read
 */
public record BatchNote(
    int number,
    int round,
    String ownId,
    int tries,
    Step step,
    String file,
    long bytes,
    String batch,
    long sinceMillis,
    Result result,
    Times times) {
  /** How far it is. */
  public enum Step {
    /** Nothing of it is at the provider. */
    PLANNED,
    /** Its file may be there. */
    UPLOADING,
    /** Its file is there. */
    UPLOADED,
    /** It may have been created. */
    CREATING,
    /** It runs, or is over. */
    CREATED,
    /** All that it has is durable here. */
    FETCHED,
    /** And its files are deleted there. */
    CLEARED
  }

  /**
   * What its files held.
   *
   * @param rows its requests
   * @param unanswered those among them that are to be asked again
   * @param repeated lines that came for a row that had one
   * @param billionths what the answers cost, in billionths of the currency's unit
   */
  public record Result(long rows, long unanswered, long repeated, long billionths) {
    public static final Result NONE = new Result(0, 0, 0, 0);
  }

  /**
   * When something of it was done, in UNIX milliseconds by the wall clock; 0 where it was not, or
   * an older version of the program did it.
   */
  public record Times(long created, long read) {
    public static final Times NONE = new Times(0, 0);
  }

  public BatchNote {
    // Older versions have written none.
    times = Objects.requireNonNullElse(times, Times.NONE);
  }

  /** One of which nothing is at the provider. */
  public static BatchNote planned(int number, int round, String ownId) {
    return new BatchNote(
        number, round, ownId, 0, Step.PLANNED, "", 0, "", 0, Result.NONE, Times.NONE);
  }

  /** The same at another step. */
  public BatchNote at(Step next, long nowMillis) {
    return new BatchNote(
        number, round, ownId, tries, next, file, bytes, batch, nowMillis, result, times);
  }

  /** The same, with its file at the provider. */
  public BatchNote uploaded(String id, long size, long nowMillis) {
    return new BatchNote(
        number, round, ownId, tries, Step.UPLOADED, id, size, batch, nowMillis, result, times);
  }

  /** The same, created. */
  public BatchNote created(String id, long nowMillis) {
    return new BatchNote(
        number,
        round,
        ownId,
        tries,
        Step.CREATED,
        file,
        bytes,
        id,
        nowMillis,
        result,
        new Times(nowMillis, 0));
  }

  /** The same, to be created again since the provider did not take it. */
  public BatchNote putOff(long nowMillis) {
    return new BatchNote(
        number, round, ownId, tries + 1, Step.UPLOADED, file, bytes, "", nowMillis, result, times);
  }

  /** The same, read. */
  public BatchNote fetched(Result read, long nowMillis) {
    return new BatchNote(
        number,
        round,
        ownId,
        tries,
        Step.FETCHED,
        file,
        bytes,
        batch,
        nowMillis,
        read,
        new Times(times.created, nowMillis));
  }

  /** By what the batch is found at the provider. */
  public String metadataId() {
    return tries == 0 ? ownId : ownId + "." + tries;
  }

  /** The name of its file of requests at the provider. */
  public String fileName() {
    return ownId + ".jsonl";
  }

  /** Whether all that it has is durable here. */
  public boolean done() {
    return step == Step.FETCHED || step == Step.CLEARED;
  }
}
