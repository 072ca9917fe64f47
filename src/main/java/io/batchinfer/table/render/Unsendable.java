package io.batchinfer.table.render;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.table.render.RenderedRow.Problem;

/** No request can be made of a row. Has no stack trace: a table may have millions of such rows. */
final class Unsendable extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  Unsendable(ErrorCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  static Unsendable missing(String message) {
    return new Unsendable(ErrorCode.MISSING_VALUE, message);
  }

  static Unsendable invalid(String message) {
    return new Unsendable(ErrorCode.INVALID_VALUE, message);
  }

  Problem problem() {
    return new Problem(code, String.valueOf(getMessage()));
  }
}
