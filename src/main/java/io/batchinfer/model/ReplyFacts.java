package io.batchinfer.model;

/**
 * What the body of an answer says beside its content.
 *
 * @param json whether the body is one complete JSON value
 * @param usage tokens it reports
 * @param truncated whether an answer was cut off by its token limit
 * @param errorCode the endpoint's own code or type of an error, or empty
 * @param errorMessage the endpoint's own words for an error, or empty
 * @param isError whether the body is an error, which some endpoints send with status 200
 * @param model the model that the answer names, or empty
 */
public record ReplyFacts(
    boolean json,
    Usage usage,
    boolean truncated,
    String errorCode,
    String errorMessage,
    boolean isError,
    String model) {
  public static final ReplyFacts NOT_JSON = new ReplyFacts(false, Usage.NONE, false, "", "");

  /** Facts of an answer whose body is no error. */
  public ReplyFacts(
      boolean json, Usage usage, boolean truncated, String errorCode, String errorMessage) {
    this(json, usage, truncated, errorCode, errorMessage, false, "");
  }

  /** The same facts with that usage. */
  public ReplyFacts with(Usage priced) {
    return new ReplyFacts(json, priced, truncated, errorCode, errorMessage, isError, model);
  }
}
