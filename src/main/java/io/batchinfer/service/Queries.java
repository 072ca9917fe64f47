package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.store.Texts;
import java.util.List;
import java.util.Optional;

/** Parameters of the query with a meaning. */
final class Queries {
  private Queries() {}

  /**
   * A whole number.
   *
   * @throws ApiError where it is none, or out of bounds
   */
  static long number(Call call, String name, long least, long most, long otherwise) {
    Optional<String> text = call.query(name).filter(value -> !value.isEmpty());
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, together with a number out of bounds.
    }
    throw wrong(name, text.get(), "a whole number from " + least + " to " + most);
  }

  static boolean flag(Call call, String name, boolean otherwise) {
    String text = call.query(name).orElse(Boolean.toString(otherwise));
    return switch (text) {
      case "true", "True", "1" -> true;
      case "false", "False", "0", "" -> false;
      default -> throw wrong(name, text, "true or false");
    };
  }

  static String oneOf(Call call, String name, List<String> values, String otherwise) {
    String text = call.query(name).orElse(otherwise);
    if (!values.contains(text)) {
      throw wrong(name, text, String.join(" or ", values));
    }
    return text;
  }

  static ApiError wrong(String name, String value, String expected) {
    return ApiError.invalid(
        name,
        "invalid_value",
        "Invalid value for '%s': '%s'. It must be %s."
            .formatted(name, Texts.shown(value), expected));
  }
}
