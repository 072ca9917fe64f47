package io.batchinfer.model;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the body of an answer says apart from its content.
 *
 * @param json whether the body is one complete JSON value
 * @param usage tokens it reports
 * @param units what it reports that is no tokens
 * @param marks what is to be known of the answer
 * @param errorCode the endpoint's own code or type of an error, or empty
 * @param errorMessage the endpoint's own words for an error, or empty
 * @param isError whether the body is an error, which some endpoints send with status 200
 * @param model the model that the answer names, or empty
 * @param disbelieved usage that the answer states and cannot have, where {@code usage} is what is
 *     counted instead
 * @param misfit why the answer does not fit the schema that the job has for answers
 */
public record ReplyFacts(
    boolean json,
    Usage usage,
    BilledUnits units,
    AnswerMarks marks,
    String errorCode,
    String errorMessage,
    boolean isError,
    String model,
    Optional<Usage> disbelieved,
    Optional<Misfit> misfit) {
  private static final Pattern CODE = Pattern.compile("[a-z0-9_.-]{1,64}");

  public static final ReplyFacts NOT_JSON = new ReplyFacts(false, Usage.NONE, "", "");

  /** Facts of an unmarked answer whose body is not an error. */
  public ReplyFacts(boolean json, Usage usage, String errorCode, String errorMessage) {
    this(json, usage, AnswerMarks.NONE, errorCode, errorMessage, false, "");
  }

  /** Facts whose usage can be what it says. */
  public ReplyFacts(
      boolean json,
      Usage usage,
      AnswerMarks marks,
      String errorCode,
      String errorMessage,
      boolean isError,
      String model) {
    this(
        json,
        usage,
        BilledUnits.NONE,
        marks,
        errorCode,
        errorMessage,
        isError,
        model,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * The code under which a refusal is counted: the endpoint's word where it has one.
   *
   * @param status of the answer
   */
  public String refusal(int status) {
    String lower = errorCode.toLowerCase(Locale.ROOT);
    return CODE.matcher(lower).matches() && !lower.chars().allMatch(Character::isDigit)
        ? lower
        : "http_" + status;
  }

  /** The same facts with a usage that can be instead of the one stated. */
  public ReplyFacts disbelieving(Usage plausible) {
    return new ReplyFacts(
        json,
        plausible,
        units,
        marks,
        errorCode,
        errorMessage,
        isError,
        model,
        Optional.of(usage),
        misfit);
  }

  /** The same facts with that usage. */
  public ReplyFacts with(Usage other) {
    return new ReplyFacts(
        json, other, units, marks, errorCode, errorMessage, isError, model, disbelieved, misfit);
  }

  /** The same facts with what the answer reports that is no tokens. */
  public ReplyFacts with(BilledUnits reported) {
    return new ReplyFacts(
        json, usage, reported, marks, errorCode, errorMessage, isError, model, disbelieved, misfit);
  }

  /** The same facts, read leniently. */
  public ReplyFacts asRepaired() {
    return new ReplyFacts(
        json,
        usage,
        units,
        marks.asRepaired(),
        errorCode,
        errorMessage,
        isError,
        model,
        disbelieved,
        misfit);
  }

  /** The same facts of an answer that does not fit its schema. */
  public ReplyFacts with(Misfit found) {
    return new ReplyFacts(
        json,
        usage,
        units,
        marks,
        errorCode,
        errorMessage,
        isError,
        model,
        disbelieved,
        Optional.of(found));
  }
}
