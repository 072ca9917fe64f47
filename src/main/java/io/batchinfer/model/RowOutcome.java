package io.batchinfer.model;

import org.jspecify.annotations.Nullable;

/** How a row ended. */
public sealed interface RowOutcome {
  /** Whether the row belongs into the results rather than into the errors. */
  boolean isSuccess();

  /**
   * The endpoint answered.
   *
   * @param body one JSON value on one line, in ASCII
   * @param refusal what the endpoint said about a refusal, for the count by code; empty on success.
   *     An error may come with a status of success
   */
  record Answered(
      int status, String requestId, byte[] body, Usage usage, AnswerMarks marks, String refusal)
      implements RowOutcome {
    /** The same answer with that usage. */
    public Answered with(Usage other) {
      return new Answered(status, requestId, body, other, marks, refusal);
    }

    @Override
    public boolean isSuccess() {
      return status >= 200 && status < 300 && refusal.isEmpty();
    }

    @Override
    public String toString() {
      return "Answered[status=" + status + ", bytes=" + body.length + "]";
    }
  }

  /**
   * The endpoint answered with success, but with nothing that can be read.
   *
   * @param contentType as the endpoint states it, or empty
   * @param text what it sent, as one JSON string in ASCII, perhaps cut off
   * @param message what is wrong with it, and how much of it is kept
   */
  record Unreadable(int status, String requestId, String contentType, byte[] text, String message)
      implements RowOutcome {
    @Override
    public boolean isSuccess() {
      return false;
    }

    @Override
    public String toString() {
      return "Unreadable[status=" + status + ", bytes=" + text.length + "]";
    }
  }

  /**
   * The endpoint answered with success, but the answer does not fit the job's schema. It is kept.
   *
   * @param answer as any other, but without marks
   */
  record Unfit(Answered answer, Misfit misfit) implements RowOutcome {
    @Override
    public boolean isSuccess() {
      return false;
    }
  }

  /**
   * There is no answer.
   *
   * @param param the key of the line that is at fault, or null
   */
  record Unanswered(ErrorCode code, String message, @Nullable String param) implements RowOutcome {
    @Override
    public boolean isSuccess() {
      return false;
    }
  }
}
