package io.batchinfer.model;

import java.util.Locale;
import java.util.Optional;

/**
 * Everything that can go wrong, by a stable name. Row codes appear in {@code error.code} of an
 * error row; job codes end a command.
 */
public enum ErrorCode {
  INVALID_JSON_LINE(Scope.INVALID_LINE, "The line is not one JSON object in UTF-8."),
  MISSING_REQUIRED_PARAMETER(Scope.INVALID_LINE, "A required key of the line is absent or null."),
  INVALID_TYPE(Scope.INVALID_LINE, "A key of the line holds a value of the wrong JSON type."),
  INVALID_METHOD(Scope.INVALID_LINE, "The line's method is not POST."),
  INVALID_URL(Scope.INVALID_LINE, "The line's url is not an endpoint path that this job may call."),
  DUPLICATE_CUSTOM_ID(
      Scope.INVALID_LINE,
      "An earlier line of the input has the same custom_id; only that one runs."),
  STREAMING_UNSUPPORTED(Scope.INVALID_LINE, "The line asks for a streamed answer."),
  MISMATCHED_MODEL(Scope.INVALID_LINE, "The line names another model than the job."),
  INVALID_MEDIA(
      Scope.INVALID_LINE,
      "The audio file of a transcription is absent, unreadable or outside the media root."),
  MISSING_VALUE(
      Scope.INVALID_LINE, "A column that the row's request needs is null, and has no default."),
  INVALID_VALUE(
      Scope.INVALID_LINE, "A column that the row's request needs holds what cannot be sent."),
  UNSUPPORTED_ANSWER_SCHEMA(
      Scope.INVALID_LINE,
      "The job's answer schema cannot be put into the line's request: the endpoint has no place for it, or the line states an answer format of its own."),
  LINE_TOO_LARGE(Scope.INVALID_LINE, "The line is longer than the limit for one line."),

  REQUEST_TIMEOUT(Scope.UNANSWERED, "The endpoint did not answer within the request time-out."),
  CONNECTION_ERROR(
      Scope.UNANSWERED, "No attempt got through: refused, reset, TLS or name look-up."),
  INVALID_RESPONSE(
      Scope.UNANSWERED,
      "The answer was not JSON, or was cut off; what came is kept as text where it was complete."),
  SCHEMA_MISMATCH(
      Scope.UNFIT,
      "The answer does not fit the job's answer schema; it is in the row, with what it cost."),
  ANSWER_CUT_OFF(
      Scope.UNFIT,
      "The answer does not fit the job's answer schema because its token limit cut it off."),
  ANSWER_FILTERED(
      Scope.UNFIT,
      "The answer does not fit the job's answer schema because a content filter or the model itself withheld it."),
  UNMATCHED_ANSWER(
      Scope.UNFIT,
      "The answer to a request of several rows (--embed-batch) does not say for sure which of its vectors is the row's; what it used is counted."),
  RESPONSE_TOO_LARGE(Scope.UNANSWERED, "The answer was larger than the limit for one answer."),
  ROW_CRASHES_WORKER(
      Scope.UNANSWERED, "The processes that sent this request died, even when it ran alone."),
  ROW_CRASHES_ENDPOINT(
      Scope.UNANSWERED,
      "The endpoint went away whenever this request was under way, even when it ran alone."),
  ROW_CRASHES_ENGINE(
      Scope.UNANSWERED,
      "The engine that the job had started died whenever this request was under way, even when it ran alone."),
  BATCH_EXPIRED(Scope.UNANSWERED, "The job's time ran out before the row was answered."),
  BATCH_CANCELLED(Scope.UNANSWERED, "The job was cancelled before the row was answered."),
  BATCH_FAILED(
      Scope.UNANSWERED,
      "The service ended the job for a reason of its own before the row was sent."),

  NOT_BATCHED(
      Scope.UNANSWERED,
      "The provider's batch service takes no such request (--via batch): it has a form, or is larger than a file of requests may be. With --then interactive it is sent by itself."),

  USAGE(Scope.JOB, 2, "The command line or the configuration is wrong."),
  INVALID_INPUT(Scope.JOB, 2, "The input is absent, empty or holds invalid lines."),
  OUTPUT_MISMATCH(Scope.JOB, 2, "The output folder belongs to another job, or is not a job's."),
  UNSUPPORTED_SPARK(Scope.JOB, 2, "This Spark cannot run the job."),
  TOO_MANY_FAILURES(Scope.JOB, 3, "More rows failed than the job allows, or none succeeded."),
  AUTHENTICATION_FAILED(Scope.JOB, 1, "The endpoint does not accept the key."),
  MODEL_NOT_FOUND(Scope.JOB, 1, "The endpoint does not serve the model."),
  HOST_UNREACHABLE(Scope.JOB, 1, "No connection to the endpoint can be made."),
  ENGINE_FAILED(Scope.JOB, 1, "No engine that the job started came up, or stayed up."),
  INSUFFICIENT_QUOTA(Scope.JOB, 1, "The account behind the key has no credit left."),
  CANCELLED(Scope.JOB, 4, "The job was cancelled."),
  TIMED_OUT(Scope.JOB, 5, "The job's time ran out."),
  OUT_OF_BUDGET(Scope.JOB, 6, "The job's cost or token cap is reached."),
  NOT_FOUND(Scope.JOB, 2, "The workspace has no such file or job."),
  CONFLICT(Scope.JOB, 2, "The state of the file or job does not allow what was asked for."),
  PENDING_LIMIT(Scope.JOB, 2, "The workspace would have more pending requests than it may have."),
  OWNED_BY_ANOTHER_RUN(Scope.JOB, 7, "Another live run owns the output."),
  COOL_DOWN_TOO_LONG(Scope.JOB, 8, "The endpoint asks for a longer pause than the job allows."),
  INTERRUPTED(Scope.JOB, 130, "The run was interrupted and can go on."),
  STORAGE_FAILED(Scope.JOB, 1, "Reading or writing files failed."),
  PROOF_FAILED(Scope.JOB, 1, "The written results do not account for every input row."),
  INTERNAL(Scope.JOB, 1, "A defect of this program.");

  /** Where a code appears. */
  public enum Scope {
    /** In an error row, or in the list that stops the job, for a line that is never sent. */
    INVALID_LINE,
    /** In an error row, for a request without a usable answer. */
    UNANSWERED,
    /**
     * In an error row, for an answer that is there and does not fit: the job's schema, or the
     * request.
     */
    UNFIT,
    /** As the end of a command. */
    JOB
  }

  private final Scope scope;
  private final int exitCode;
  private final String description;
  private final String code = name().toLowerCase(Locale.ROOT);

  ErrorCode(Scope scope, String description) {
    this(scope, 0, description);
  }

  ErrorCode(Scope scope, int exitCode, String description) {
    this.scope = scope;
    this.exitCode = exitCode;
    this.description = description;
  }

  /** The stable snake_case name. */
  public String code() {
    return code;
  }

  public Scope scope() {
    return scope;
  }

  /** The process exit code of a job code; 0 for row codes. */
  public int exitCode() {
    return exitCode;
  }

  /**
   * Whether sending the row again can change a row outcome of that code. A line that no endpoint
   * would ever see stays what it is; an audio file beside it may have been put into place.
   */
  public boolean isRepeatable() {
    return scope == Scope.UNANSWERED || scope == Scope.UNFIT || this == INVALID_MEDIA;
  }

  /** Whether the row was closed with its job rather than by its own fate. */
  public boolean isProvisional() {
    return this == BATCH_EXPIRED || this == BATCH_CANCELLED || this == BATCH_FAILED;
  }

  /** Whether an equal request would end in the same way. */
  public boolean isOfTheRequest() {
    return switch (this) {
      case RESPONSE_TOO_LARGE,
          SCHEMA_MISMATCH,
          ANSWER_CUT_OFF,
          ANSWER_FILTERED,
          ROW_CRASHES_WORKER,
          ROW_CRASHES_ENDPOINT,
          ROW_CRASHES_ENGINE ->
          true;
      default -> scope == Scope.INVALID_LINE;
    };
  }

  /** One sentence for the reference page. */
  public String description() {
    return description;
  }

  /** The code of that name; empty for one of a provider. */
  public static Optional<ErrorCode> find(String code) {
    for (ErrorCode candidate : values()) {
      if (candidate.code.equals(code)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  public static ErrorCode ofCode(String code) {
    return find(code)
        .orElseThrow(() -> new IllegalArgumentException("unknown error code \"" + code + "\""));
  }
}
