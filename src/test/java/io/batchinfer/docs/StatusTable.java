package io.batchinfer.docs;

import io.batchinfer.policy.StatusMeaning;

/** The reference page of what statuses and failures mean. */
final class StatusTable {
  private StatusTable() {}

  static String render() {
    return """
        # What a status means

        This page is generated from the code, which decides by the same table.

        """
        + rows()
        + """

        - Pauses between attempts grow from half a second to 30 seconds, with jitter. A `Retry-After` or
          `retry-after-ms` of the endpoint replaces them and holds for all executors of the run.
        - An attempt that is put off certainly did not run. It is repeated without counting as an attempt; a request
          that was put off 200 times is given up all the same.
        - A single row that is refused while others succeed is distinguished from an endpoint that is overloaded: from its
          second refusal on its pause is its own, and once chance no longer explains its refusals (a probability below one in
          a hundred million, by the share of other rows that were refused between them; at least six refusals) it is given up.
        - A 500 counts against its row rather than the endpoint while others succeed. As long as rows that failed fail
          in the same way when they are sent again, the second 500 with the same body is the last; where such rows recover,
          all attempts are made.
        - An unclear attempt may have run and may be on the bill.
        - The circuit breaker of a base URL holds attempts back once 80 % of those of five seconds (at least ten) have
          failed; it then lets two through at a time, first after a second, then at most every five. A request that is held back waits; it
          does not fail.
        - A stop before the first success needs four such answers, so that a wrong key, model or host costs four
          requests. Rows whose refusal stops the job stay open and are sent again by the next run.
        - An answer whose retries are used up is kept: a refusal with its body goes to `errors/`.
        """;
  }

  /** The table alone, which the README shows as well. */
  static String rows() {
    StringBuilder text = new StringBuilder();
    text.append("| status or failure | sent again | circuit breaker | the job |\n");
    text.append("| --- | --- | --- | --- |\n");
    for (StatusMeaning meaning : StatusMeaning.values()) {
      text.append(
          "| %s | %s | %s | %s |\n"
              .formatted(meaning.when(), retry(meaning), breaker(meaning), job(meaning)));
    }
    return text.toString();
  }

  private static String retry(StatusMeaning meaning) {
    return switch (meaning.retry()) {
      case NONE -> "no";
      case COUNTED -> "up to `--max-attempts`";
      case AMBIGUOUS -> "unclear: `--retry-ambiguous` times";
      case WHEN_TOLD -> "put off: later, not counted";
    };
  }

  private static String breaker(StatusMeaning meaning) {
    return switch (meaning.breaker()) {
      case SUCCESS -> "works";
      case FAILURE -> "fails";
      case IGNORED -> "–";
    };
  }

  private static String job(StatusMeaning meaning) {
    String code = meaning.stopCode().map(stop -> "`" + stop.code() + "`").orElse("");
    return switch (meaning.stop()) {
      case NEVER -> "goes on";
      case BEFORE_FIRST_SUCCESS -> "stops before the first success: " + code;
      case AT_ONCE -> "stops: " + code;
    };
  }
}
