package io.batchinfer.course;

import java.util.Locale;

/** What bounds how fast a run sends. */
public enum HeldBy {
  /** The limit of requests a minute. */
  REQUESTS,
  /** The limit of tokens a minute. */
  TOKENS,
  /** As many attempts are under way as are allowed at once. */
  CONCURRENCY,
  /** The endpoint asked for a pause. */
  PAUSE,
  /** The endpoint is away, and is waited for. */
  ENDPOINT_AWAY,
  /** No row is ready to be sent. */
  ROWS,
  /** Nothing: attempts go out as they come. */
  NONE;

  /** As it is written in files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one with that word; {@link #NONE} for a word of another version. */
  public static HeldBy ofWord(String word) {
    for (HeldBy held : values()) {
      if (held.word().equals(word)) {
        return held;
      }
    }
    return NONE;
  }
}
