package io.batchinfer.config;

/**
 * Why a text is not a value of an option, in words for the user; caught where the source is known.
 */
final class InvalidValue extends Exception {
  private static final int LONGEST_SHOWN = 80;

  private InvalidValue(String words) {
    super(words);
  }

  /** For a value that may be shown. */
  static InvalidValue of(String value, String why, String whatToDo) {
    return new InvalidValue("\"" + shortened(value) + "\" " + why + "; " + whatToDo);
  }

  /** For a value that must not be shown. */
  static InvalidValue concealed(String why, String whatToDo) {
    return new InvalidValue("the value " + why + "; " + whatToDo);
  }

  String words() {
    return String.valueOf(getMessage());
  }

  private static String shortened(String value) {
    return value.length() <= LONGEST_SHOWN ? value : value.substring(0, LONGEST_SHOWN) + "…";
  }
}
