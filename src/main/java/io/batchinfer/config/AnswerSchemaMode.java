package io.batchinfer.config;

import java.util.Locale;

/** What a job does with its answer schema. */
public enum AnswerSchemaMode {
  /** Puts it into every request and checks every answer. */
  REQUEST,
  /** Checks every answer and leaves the requests alone. */
  CHECK;

  /** The spelling in options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
