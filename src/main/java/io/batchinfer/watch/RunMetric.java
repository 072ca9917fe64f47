package io.batchinfer.watch;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.ProcessReading;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Every number that is shown of the work of a process. Each is read from what the process counts
 * anyway; none is counted for being shown.
 */
@SuppressWarnings("ImmutableEnumChecker") // its functions are pure
public enum RunMetric {
  ROWS_SUCCEEDED(
      "rows.succeeded",
      Kind.COUNTER,
      "{row}",
      "Rows that were settled with an answer.",
      reading -> reading.totals().progress().settled() - reading.totals().progress().failed()),
  ROWS_FAILED(
      "rows.failed",
      Kind.COUNTER,
      "{row}",
      "Rows that were settled with an error.",
      reading -> reading.totals().progress().failed()),
  ATTEMPTS_ANSWERED(
      "attempts.answered",
      Kind.COUNTER,
      "{attempt}",
      "Attempts that were answered with success.",
      reading -> sum(reading, meaning -> meaning == StatusMeaning.ANSWERED)),
  ATTEMPTS_REFUSED(
      "attempts.refused",
      Kind.COUNTER,
      "{attempt}",
      "Attempts that the endpoint turned away for a limit or for lack of room: 429, 503, 529.",
      reading -> sum(reading, StatusMeaning::isRefusal)),
  ATTEMPTS_LOST(
      "attempts.lost",
      Kind.COUNTER,
      "{attempt}",
      "Attempts without an answer that may have run: lost connections and time-outs.",
      reading -> sum(reading, StatusMeaning::isLost)),
  ATTEMPTS_FAILED(
      "attempts.failed",
      Kind.COUNTER,
      "{attempt}",
      "All other attempts that failed.",
      reading -> sum(reading, StatusMeaning::isOtherFailure)),
  TOKENS_INPUT(
      "tokens.input",
      Kind.COUNTER,
      "{token}",
      "Prompt tokens that answers reported.",
      reading -> reading.totals().used().promptTokens()),
  TOKENS_OUTPUT(
      "tokens.output",
      Kind.COUNTER,
      "{token}",
      "Completion tokens that answers reported.",
      reading -> reading.totals().used().completionTokens()),
  COST_BILLIONTHS(
      "cost.billionths",
      Kind.COUNTER,
      "{billionth}",
      "What answers cost, in billionths of the unit of the job's currency, where prices are known.",
      reading -> reading.totals().used().cost().billionths()),
  REQUESTS_ACTIVE(
      "requests.active",
      Kind.GAUGE,
      "{attempt}",
      "Attempts that are under way.",
      ProcessReading::inFlight),
  REQUESTS_WAITING(
      "requests.waiting",
      Kind.GAUGE,
      "{attempt}",
      "Attempts that wait for a permit of the limits.",
      ProcessReading::waiting),
  JOURNAL_LAG(
      "journal.lag",
      Kind.GAUGE,
      "ms",
      "How long the oldest settled row has not been durable; 0 where all are.",
      reading -> reading.totals().progress().journalLagMillis());

  /** How a number changes. */
  public enum Kind {
    /** It only grows, from the start of the process. */
    COUNTER,
    /** It is what is at the moment. */
    GAUGE
  }

  private final String dotted;
  private final Kind kind;
  private final String unit;
  private final String description;
  private final ToLongFunction<ProcessReading> value;

  RunMetric(
      String dotted,
      Kind kind,
      String unit,
      String description,
      ToLongFunction<ProcessReading> value) {
    this.dotted = dotted;
    this.kind = kind;
    this.unit = unit;
    this.description = description;
    this.value = value;
  }

  private static long sum(ProcessReading reading, Predicate<StatusMeaning> counted) {
    long sum = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      sum += counted.test(meaning) ? reading.attempts(meaning) : 0;
    }
    return sum;
  }

  /** Its name below the name of its source. */
  public String dotted() {
    return dotted;
  }

  public Kind kind() {
    return kind;
  }

  /** In the notation of the Unified Code for Units of Measure. */
  public String unit() {
    return unit;
  }

  public String description() {
    return description;
  }

  /** The number. */
  public long of(ProcessReading reading) {
    return value.applyAsLong(reading);
  }
}
