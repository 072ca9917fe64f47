package io.batchinfer.config;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code Name: value} without ever showing the value. */
final class HeaderLines {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
  private static final Set<String> FRAMING =
      Set.of("content-length", "transfer-encoding", "connection", "host");
  private static final String ACCEPTED = "give \"Name: value\" on one line";

  private HeaderLines() {}

  /** The name of a header that a user may set. */
  static String name(String text) throws InvalidValue {
    if (!NAME.matcher(text).matches()) {
      throw InvalidValue.of(text, "is not the name of a header", "give one, such as x-api-key");
    }
    requireFree(text);
    return text;
  }

  /** The word in front of a key. */
  static String scheme(String text) throws InvalidValue {
    if (!NAME.matcher(text).matches()) {
      throw InvalidValue.concealed("is not one word", "give one, such as Bearer, or none");
    }
    return text;
  }

  private static void requireFree(String name) throws InvalidValue {
    if (FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
      throw InvalidValue.of(name, "is a header that the client sets itself", "leave it out");
    }
  }

  static Map.Entry<String, String> read(String line) throws InvalidValue {
    int colon = line.indexOf(':');
    if (colon < 1) {
      throw InvalidValue.concealed("is not a header", ACCEPTED);
    }
    String name = line.substring(0, colon).strip();
    String value = line.substring(colon + 1).strip();
    if (!NAME.matcher(name).matches()) {
      throw InvalidValue.concealed("has no valid header name before the colon", ACCEPTED);
    }
    requireFree(name);
    if (!VALUE.matcher(value).matches()) {
      throw InvalidValue.of(name, "has a value with characters no header may hold", ACCEPTED);
    }
    return Map.entry(name, value);
  }
}
