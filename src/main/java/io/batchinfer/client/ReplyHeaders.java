package io.batchinfer.client;

import org.jspecify.annotations.Nullable;

/** Headers of an answer, looked up without regard to case. */
@FunctionalInterface
public interface ReplyHeaders {
  ReplyHeaders NONE = name -> null;

  /** The first value of that name, or null. */
  @Nullable String get(String name);
}
