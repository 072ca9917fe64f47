package io.batchinfer.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job of the service: what was asked for, and how far it is.
 *
 * @param id a UUID, or {@code batch_} and 32 hexadecimal digits where it came through OpenAI's API
 */
public record BatchJob(String id, String workspace, Spec spec, State state) {

  /** The API that a job came through. */
  public enum Dialect {
    MISTRAL,
    OPENAI
  }

  /**
   * What was asked for; never changes.
   *
   * @param inputFiles ids of files of the workspace, at least one
   * @param inline whether the requests came with the job itself
   * @param model the job's model, or null where only the lines name one
   * @param agentId Mistral's agent in place of a model, or null
   * @param deployment named configuration of the operator, or null
   * @param timeoutHours hours from creation after which the job ends with what it has
   * @param outputExpiresSeconds how long the job's files are kept after they are made, or null for
   *     ever
   * @param createdMillis UNIX milliseconds
   * @param createdBy id of the key that created it
   * @param requests lines of the input files
   * @param bodyHash hash of the request that created it, by which a repeated one is known
   * @param idempotencyKey as the caller gave it, or null
   */
  public record Spec(
      Dialect dialect,
      String endpoint,
      List<String> inputFiles,
      boolean inline,
      @Nullable String model,
      @Nullable String agentId,
      @Nullable String deployment,
      Map<String, String> metadata,
      double timeoutHours,
      @Nullable Long outputExpiresSeconds,
      long createdMillis,
      String createdBy,
      long requests,
      String bodyHash,
      @Nullable String idempotencyKey) {
    public Spec {
      inputFiles = List.copyOf(inputFiles);
      metadata = Map.copyOf(metadata);
    }

    /** UNIX milliseconds at which the job's time is over. */
    public long deadlineMillis() {
      return createdMillis + Math.round(timeoutHours * 3_600_000);
    }
  }

  /**
   * How far it is.
   *
   * @param total requests, as far as they are known
   * @param counts requests that are settled
   * @param cost what the answers cost, or null where a price is unknown
   * @param model the one model of all lines, or null
   * @param outputFile id of the results, or null
   * @param errorFile id of the error rows, or null
   * @param problems what went wrong with the job as a whole or in its input file
   */
  public record State(
      BatchStatus status,
      @Nullable Long startedMillis,
      @Nullable Long finalizingMillis,
      @Nullable Long cancellingMillis,
      @Nullable Long endedMillis,
      long total,
      Counts counts,
      @Nullable Double cost,
      String currency,
      @Nullable String model,
      @Nullable String outputFile,
      @Nullable String errorFile,
      List<Problem> problems) {
    public State {
      problems = List.copyOf(problems);
    }

    /** A job that waits for its turn. */
    public static State queued(long total) {
      return new State(
          BatchStatus.QUEUED,
          null,
          null,
          null,
          null,
          total,
          Counts.ZERO,
          null,
          "USD",
          null,
          null,
          null,
          List.of());
    }

    /** Begins a change of this state. */
    public Change change() {
      return new Change(this);
    }
  }

  /** A state that is being changed; {@link #made} gives the new one. For one thread. */
  public static final class Change {
    private final State before;
    private BatchStatus status;
    private @Nullable Long startedMillis;
    private @Nullable Long finalizingMillis;
    private @Nullable Long cancellingMillis;
    private @Nullable Long endedMillis;
    private long total;
    private Counts counts;
    private @Nullable Double cost;
    private String currency;
    private @Nullable String model;
    private @Nullable String outputFile;
    private @Nullable String errorFile;
    private List<Problem> problems;

    private Change(State before) {
      this.before = before;
      this.status = before.status();
      this.startedMillis = before.startedMillis();
      this.finalizingMillis = before.finalizingMillis();
      this.cancellingMillis = before.cancellingMillis();
      this.endedMillis = before.endedMillis();
      this.total = before.total();
      this.counts = before.counts();
      this.cost = before.cost();
      this.currency = before.currency();
      this.model = before.model();
      this.outputFile = before.outputFile();
      this.errorFile = before.errorFile();
      this.problems = before.problems();
    }

    /** Taken up; an earlier start stays. */
    public Change started(long nowMillis) {
      status = status == BatchStatus.QUEUED ? BatchStatus.RUNNING : status;
      startedMillis = startedMillis == null ? Long.valueOf(nowMillis) : startedMillis;
      return this;
    }

    /** Asked to end. */
    public Change cancelling(long nowMillis) {
      status = BatchStatus.CANCELLATION_REQUESTED;
      cancellingMillis = cancellingMillis == null ? Long.valueOf(nowMillis) : cancellingMillis;
      return this;
    }

    /** Sending is over and the results are being proven. */
    public Change finalizing(long nowMillis) {
      finalizingMillis = nowMillis;
      return this;
    }

    /** Over. */
    public Change ended(BatchStatus how, long nowMillis) {
      status = how;
      endedMillis = nowMillis;
      return this;
    }

    public Change total(long requests) {
      total = requests;
      return this;
    }

    public Change counts(Counts settled) {
      counts = settled;
      return this;
    }

    public Change cost(@Nullable Double amount, String of) {
      cost = amount;
      currency = of;
      return this;
    }

    /** The one model that all lines name. */
    public Change model(@Nullable String only) {
      model = only;
      return this;
    }

    /** Ids of what the job made, null for nothing. */
    public Change files(@Nullable String output, @Nullable String errors) {
      outputFile = output;
      errorFile = errors;
      return this;
    }

    public Change problems(List<Problem> found) {
      problems = found;
      return this;
    }

    /** The state before, where nothing is different. */
    public State made() {
      State after =
          new State(
              status,
              startedMillis,
              finalizingMillis,
              cancellingMillis,
              endedMillis,
              total,
              counts,
              cost,
              currency,
              model,
              outputFile,
              errorFile,
              problems);
      return after.equals(before) ? before : after;
    }
  }

  /**
   * Something that is wrong with a job or its input.
   *
   * @param line physical line of the input file from 1, or null
   * @param count how often it was met
   */
  public record Problem(
      String code, String message, @Nullable String param, @Nullable Long line, long count) {}

  /** The same job, farther on. */
  public BatchJob with(State changed) {
    return new BatchJob(id, workspace, spec, changed);
  }

  /** Requests that are neither answered nor given up. */
  public long pending() {
    return state.status().isTerminal() ? 0 : Math.max(0, state.total() - state.counts().settled());
  }
}
