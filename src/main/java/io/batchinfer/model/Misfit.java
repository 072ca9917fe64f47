package io.batchinfer.model;

/**
 * Why an answer that was given with success does not fit: the job's answer schema, or the request.
 *
 * @param code {@link ErrorCode#SCHEMA_MISMATCH}, {@link ErrorCode#UNMATCHED_ANSWER}, or why there
 *     could be no other
 * @param message in whole sentences, where it does not fit
 */
public record Misfit(ErrorCode code, String message) {
  /** Whether the model may do better when it is asked the same once more. */
  public boolean isRepairable() {
    return code == ErrorCode.SCHEMA_MISMATCH;
  }
}
