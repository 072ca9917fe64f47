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
   * @param metadata as the caller gave it
   */
  public record Spec(
      Creation creation,
      Target target,
      Input input,
      Map<String, String> metadata,
      Lifetime lifetime) {
    public Spec {
      metadata = Map.copyOf(metadata);
    }

    public String endpoint() {
      return target.endpoint();
    }

    public List<String> inputFiles() {
      return input.files();
    }

    /** UNIX milliseconds. */
    public long createdMillis() {
      return creation.atMillis();
    }

    /** UNIX milliseconds at which the job's time is over. */
    public long deadlineMillis() {
      return creation.atMillis() + Math.round(lifetime.timeoutHours() * 3_600_000);
    }
  }

  /**
   * Who asked for it, and when.
   *
   * @param atMillis UNIX milliseconds
   * @param by id of the key that created it
   * @param bodyHash hash of the request that created it, by which a repeated one is known
   * @param idempotencyKey as the caller gave it, or null
   */
  public record Creation(
      Dialect dialect,
      long atMillis,
      String by,
      String bodyHash,
      @Nullable String idempotencyKey) {}

  /**
   * Where its requests go.
   *
   * @param endpoint path of the endpoint
   * @param model the job's model, or null where only the lines name one
   * @param agentId Mistral's agent in place of a model, or null
   * @param deployment named configuration of the operator, or null
   */
  public record Target(
      String endpoint,
      @Nullable String model,
      @Nullable String agentId,
      @Nullable String deployment) {}

  /**
   * Its requests.
   *
   * @param files ids of files of the workspace, at least one
   * @param inline whether the requests came with the job itself
   * @param requests lines of the files
   */
  public record Input(List<String> files, boolean inline, long requests) {
    public Input {
      files = List.copyOf(files);
    }
  }

  /**
   * How long it may take and be kept.
   *
   * @param timeoutHours hours from creation after which the job ends with what it has
   * @param outputExpiresSeconds how long the job's files are kept after they are made, or null for
   *     ever
   */
  public record Lifetime(double timeoutHours, @Nullable Long outputExpiresSeconds) {}

  /**
   * How far it is.
   *
   * @param model the one model of all lines, or null
   * @param problems what went wrong with the job as a whole or in its input file
   */
  public record State(
      BatchStatus status,
      Times times,
      Progress progress,
      @Nullable String model,
      Files files,
      List<Problem> problems) {
    public State {
      problems = List.copyOf(problems);
    }

    /** A job that waits for its turn. */
    public static State queued(long total) {
      return new State(
          BatchStatus.QUEUED,
          Times.NONE,
          new Progress(total, Counts.ZERO, null, "USD"),
          null,
          new Files(null, null),
          List.of());
    }

    public long total() {
      return progress.total();
    }

    public Counts counts() {
      return progress.counts();
    }

    /** Begins a change of this state. */
    public Change change() {
      return new Change(this);
    }
  }

  /** When it got how far, in UNIX milliseconds; null for what has not come. */
  public record Times(
      @Nullable Long startedMillis,
      @Nullable Long finalizingMillis,
      @Nullable Long cancellingMillis,
      @Nullable Long endedMillis) {
    static final Times NONE = new Times(null, null, null, null);

    private Times started(long now) {
      return startedMillis == null
          ? new Times(now, finalizingMillis, cancellingMillis, endedMillis)
          : this;
    }

    private Times finalizing(long now) {
      return new Times(startedMillis, now, cancellingMillis, endedMillis);
    }

    private Times cancelling(long now) {
      return cancellingMillis == null
          ? new Times(startedMillis, finalizingMillis, now, endedMillis)
          : this;
    }

    private Times ended(long now) {
      return new Times(startedMillis, finalizingMillis, cancellingMillis, now);
    }
  }

  /**
   * What its rows add up to.
   *
   * @param total requests, as far as they are known
   * @param counts requests that are settled
   * @param cost what the answers cost, or null where a price is unknown
   */
  public record Progress(long total, Counts counts, @Nullable Double cost, String currency) {}

  /**
   * What it made.
   *
   * @param output id of the results, or null
   * @param errors id of the error rows, or null
   */
  public record Files(@Nullable String output, @Nullable String errors) {}

  /** A state that is being changed; {@link #made} gives the new one. For one thread. */
  public static final class Change {
    private final State before;
    private BatchStatus status;
    private Times times;
    private Progress progress;
    private @Nullable String model;
    private Files files;
    private List<Problem> problems;

    private Change(State before) {
      this.before = before;
      this.status = before.status();
      this.times = before.times();
      this.progress = before.progress();
      this.model = before.model();
      this.files = before.files();
      this.problems = before.problems();
    }

    /** Taken up; an earlier start stays. */
    public Change started(long nowMillis) {
      status = status == BatchStatus.QUEUED ? BatchStatus.RUNNING : status;
      times = times.started(nowMillis);
      return this;
    }

    /** Asked to end. */
    public Change cancelling(long nowMillis) {
      status = BatchStatus.CANCELLATION_REQUESTED;
      times = times.cancelling(nowMillis);
      return this;
    }

    /** Sending is over and the results are being proven. */
    public Change finalizing(long nowMillis) {
      times = times.finalizing(nowMillis);
      return this;
    }

    /** Over. */
    public Change ended(BatchStatus how, long nowMillis) {
      status = how;
      times = times.ended(nowMillis);
      return this;
    }

    public Change total(long requests) {
      progress = new Progress(requests, progress.counts(), progress.cost(), progress.currency());
      return this;
    }

    public Change counts(Counts settled) {
      progress = new Progress(progress.total(), settled, progress.cost(), progress.currency());
      return this;
    }

    public Change cost(@Nullable Double amount, String of) {
      progress = new Progress(progress.total(), progress.counts(), amount, of);
      return this;
    }

    /** The one model that all lines name. */
    public Change model(@Nullable String only) {
      model = only;
      return this;
    }

    /** Ids of what the job made, null for nothing. */
    public Change files(@Nullable String output, @Nullable String errors) {
      files = new Files(output, errors);
      return this;
    }

    public Change problems(List<Problem> found) {
      problems = found;
      return this;
    }

    /** The state before, where nothing is different. */
    public State made() {
      State after = new State(status, times, progress, model, files, problems);
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

  /** The model that was asked for, or else the one that all lines name; null for several. */
  public @Nullable String model() {
    return spec.target().model() == null ? state.model() : spec.target().model();
  }

  /** Requests that are neither answered nor given up. */
  public long pending() {
    return state.status().isTerminal() ? 0 : Math.max(0, state.total() - state.counts().settled());
  }
}
