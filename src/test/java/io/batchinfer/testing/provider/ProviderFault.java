package io.batchinfer.testing.provider;

/** What can go wrong at a provider; each strikes with a probability, or the next times. */
public enum ProviderFault {
  /** A file is kept, and its upload is never answered. */
  UPLOAD_UNANSWERED,
  /** A file is kept, and its upload is answered with 500, 502, 503 or 504. */
  UPLOAD_FAILS_AFTERWARDS,
  /** An upload is refused with 429. */
  UPLOAD_THROTTLED,
  /** A batch begins, and its creation is never answered. */
  CREATE_UNANSWERED,
  /** A batch begins, and its creation is answered with 500, 502, 503 or 504. */
  CREATE_FAILS_AFTERWARDS,
  /** A creation is refused with 429, and nothing says for how long. */
  CREATE_THROTTLED,
  /** A creation is refused with 429 and a Retry-After of one second. */
  CREATE_THROTTLED_FOR_A_SECOND,
  /** A request that only reads is answered with 500, 502 or 503. */
  READ_FAILS,
  /** A deletion is done and answered with 500. */
  DELETE_FAILS_AFTERWARDS,
  /** A batch ends as expired with some of its rows done. */
  BATCH_EXPIRES,
  /** A batch fails as a whole by an error of the provider, with no row done. */
  BATCH_FAILS,
  /** A batch has ended and does not name its files for a while. */
  RESULTS_LATE,
  /** The content of a result file is answered with 404 for a while. */
  FILE_NOT_FOUND_YET,
  /** The content of a result file is answered with 409 for a while. */
  FILE_IN_CONFLICT_YET,
  /** The content of a result file is answered with 400, as being processed, for a while. */
  FILE_IN_PROCESS_YET,
  /** The connection breaks in the middle of a content whose length was told. */
  CONTENT_BROKEN_OFF,
  /** Half a content comes as a whole one: 200, well framed, the last line without an end. */
  CONTENT_HALF,
  /** As {@link #CONTENT_HALF}, cut between two lines: only the size of the file tells. */
  CONTENT_CUT_BETWEEN_LINES,
  /** A row was run, and is in no result file. */
  ROW_MISSING,
  /** A row is twice in its result file, the second time with another answer. */
  ROW_TWICE,
  /** A row fails with 500. */
  ROW_FAILS,
  /** A row fails with 429. */
  ROW_THROTTLED,
  /** A row fails with status 0 and an empty body. */
  ROW_WITHOUT_STATUS,
  /** A row fails with an error and no response. */
  ROW_TIMES_OUT
}
