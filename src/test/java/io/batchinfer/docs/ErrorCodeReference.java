package io.batchinfer.docs;

import io.batchinfer.model.ErrorCode;

/** The reference page of all error codes. */
final class ErrorCodeReference {
  private ErrorCodeReference() {}

  static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Error codes

        This page is generated from the code. Codes never change their meaning.

        ## Lines that are never sent

        With `--on-invalid fail` they are listed and stop the job before its first request; with
        `--on-invalid record` each becomes an error row.
        """);
    rows(text, ErrorCode.Scope.INVALID_LINE);
    text.append(
        """

        ## Requests without a usable answer

        They are `error.code` of an error row whose `response` is null. A refusal by the endpoint
        keeps its response instead and has no code here.
        """);
    rows(text, ErrorCode.Scope.UNANSWERED);
    text.append(
        """

        ## Answers that do not fit

        They are `error.code` of an error row of a job with an [answer schema](answer-schemas.html),
        whose `response` is the answer.
        """);
    rows(text, ErrorCode.Scope.UNFIT);
    text.append(
        """

        ## Ends of a command

        A command that succeeds exits with 0.
        """);
    rows(text, ErrorCode.Scope.JOB);
    return text.toString();
  }

  private static void rows(StringBuilder text, ErrorCode.Scope scope) {
    boolean exits = scope == ErrorCode.Scope.JOB;
    text.append(
        exits
            ? "\n| code | exit | meaning |\n| --- | --- | --- |\n"
            : "\n| code | meaning |\n| --- | --- |\n");
    for (ErrorCode code : ErrorCode.values()) {
      if (code.scope() == scope) {
        text.append("| `").append(code.code()).append("` | ");
        text.append(exits ? code.exitCode() + " | " : "").append(code.description()).append(" |\n");
      }
    }
  }
}
