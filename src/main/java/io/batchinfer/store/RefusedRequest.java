package io.batchinfer.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request of a caller that the store does not carry out: what of it is wrong, and why. */
public final class RefusedRequest extends RuntimeException {
  /** What is wrong, in kind. */
  public enum Kind {
    /** As it stands, it can never be carried out. */
    INVALID,
    /** It names something that is not there. */
    MISSING
  }

  private final Kind kind;
  private final @Nullable String field;
  private final @Nullable String code;

  private RefusedRequest(Kind kind, @Nullable String field, @Nullable String code, String message) {
    super(message, null, false, false);
    this.kind = kind;
    this.field = field;
    this.code = code;
  }

  /**
   * A refusal of what can never be carried out.
   *
   * @param field the field of the request that is wrong, or null
   * @param code stable name of the mistake, or null
   * @param message the mistake in words
   */
  static RefusedRequest invalid(@Nullable String field, @Nullable String code, String message) {
    return new RefusedRequest(Kind.INVALID, field, code, message);
  }

  /** A refusal of what names something that is not there. */
  static RefusedRequest missing(@Nullable String field, @Nullable String code, String message) {
    return new RefusedRequest(Kind.MISSING, field, code, message);
  }

  public Kind kind() {
    return kind;
  }

  /** The field that is wrong, where it is one. */
  public Optional<String> field() {
    return Optional.ofNullable(field);
  }

  /** Stable name of the mistake, where it has one. */
  public Optional<String> code() {
    return Optional.ofNullable(code);
  }
}
