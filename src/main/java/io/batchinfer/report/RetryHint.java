package io.batchinfer.report;

import io.batchinfer.model.Amount;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Retry;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which failed rows of a job that is over another try may help: those that got no answer, or one
 * that speaks of the endpoint's state rather than of the row, or one that another answer may do
 * better than: what was cut off or withheld would be so again.
 */
final class RetryHint {
  private static final Pattern STATUS = Pattern.compile("http_(\\d{3})");

  /** What endpoints call their troubles in an error's code or type. */
  private static final Pattern TROUBLE =
      Pattern.compile(
          "rate_?limit|server_?error|api_?error|overload|unavailable|time_?out|internal|exhausted");

  private static final ReplyFacts NO_BODY = new ReplyFacts(true, Usage.NONE, "", "");

  private RetryHint() {}

  /** One sentence without a full stop; empty where another try is no help, or not yet due. */
  static Optional<String> of(JobRecord job) {
    long rows =
        job.counts().errors().entrySet().stream()
            .filter(error -> mayHelp(error.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    return rows == 0 || !job.status().isFinal()
        ? Optional.empty()
        : Optional.of(
            "%s may succeed when sent again, which the same command with --retry-failed does"
                .formatted(Amount.of(rows, "failed request")));
  }

  private static boolean mayHelp(String code) {
    Optional<ErrorCode> own = ErrorCode.find(code);
    if (own.isPresent()) {
      boolean unanswered =
          own.get().scope() == ErrorCode.Scope.UNANSWERED && !own.get().isProvisional();
      return unanswered
          || own.get() == ErrorCode.SCHEMA_MISMATCH
          || own.get() == ErrorCode.UNMATCHED_ANSWER;
    }
    Matcher status = STATUS.matcher(code);
    return status.matches()
        ? StatusMeaning.of(Integer.parseInt(status.group(1)), NO_BODY).retry() != Retry.NONE
        : TROUBLE.matcher(code).find();
  }
}
