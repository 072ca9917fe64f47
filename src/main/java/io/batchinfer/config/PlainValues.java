package io.batchinfer.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;

/** Numbers, switches and pairs as people write them. */
final class PlainValues {
  private PlainValues() {}

  static String nonBlank(String value) throws InvalidValue {
    String stripped = nonEmpty(value);
    if (stripped.indexOf('\n') >= 0 || stripped.indexOf('\r') >= 0) {
      throw InvalidValue.concealed("holds a line break", "give it on one line");
    }
    return stripped;
  }

  static String nonEmpty(String value) throws InvalidValue {
    String stripped = value.strip();
    if (stripped.isEmpty()) {
      throw InvalidValue.concealed("is empty", "give one or leave the option out");
    }
    return stripped;
  }

  static Integer integer(String value) throws InvalidValue {
    try {
      return Integer.valueOf(value.replace("_", ""));
    } catch (NumberFormatException e) {
      throw InvalidValue.of(value, "is not a whole number", "give one, such as 64");
    }
  }

  static Long longNumber(String value) throws InvalidValue {
    try {
      return Long.valueOf(value.replace("_", ""));
    } catch (NumberFormatException e) {
      throw InvalidValue.of(value, "is not a whole number", "give one, such as 600");
    }
  }

  static Double decimal(String value) throws InvalidValue {
    try {
      double number = new BigDecimal(value).doubleValue();
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw InvalidValue.of(value, "is not a number", "give one, such as 0.1");
    }
    throw InvalidValue.of(value, "is too large a number", "give a smaller one");
  }

  static String plain(Double value) {
    return new BigDecimal(value.toString()).stripTrailingZeros().toPlainString();
  }

  static Boolean flag(String value) throws InvalidValue {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw InvalidValue.of(value, "is neither true nor false", "give true or false");
    };
  }

  static Map.Entry<String, String> pair(String value) throws InvalidValue {
    int equals = value.indexOf('=');
    String key = equals < 0 ? "" : value.substring(0, equals).strip();
    if (key.isEmpty()) {
      throw InvalidValue.of(value, "is not a key=value pair", "give one, such as team=search");
    }
    return Map.entry(key, value.substring(equals + 1).strip());
  }
}
