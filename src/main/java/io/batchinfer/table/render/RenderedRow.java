package io.batchinfer.table.render;

import io.batchinfer.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What became of one row: a request, or why there is none.
 *
 * @param key text of the row's key; null if the job has no key columns, or if the key is null
 * @param body of the request: one JSON object in UTF-8 without a line break; null if there is none
 * @param problem why no request can be made of the row; null if there is one
 */
@SuppressWarnings("ArrayRecordComponent")
public record RenderedRow(@Nullable String key, byte @Nullable [] body, @Nullable Problem problem) {

  /** Why a row cannot be sent, with what to do about it. */
  public record Problem(ErrorCode code, String message) {}
}
