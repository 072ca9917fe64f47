package io.batchinfer.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Reads an answer schema from what is given: the text itself, or the file that holds it. */
final class AnswerSchemaText {
  private static final long MOST_BYTES = 1L << 20;

  /** A name and a type, as columns have them. */
  private static final Pattern COLUMNS = Pattern.compile("(?s)\\S+[\\s:]+\\S.*");

  private static final Pattern LINE_ENDS = Pattern.compile("[\\r\\n]+");

  private AnswerSchemaText() {}

  /** The text on one line. It is not checked here whether it is a schema. */
  static String read(String value) throws InvalidValue {
    String text = value.strip();
    if (text.startsWith("{")) {
      return oneLine(text);
    }
    Path file;
    try {
      file = Path.of(text);
    } catch (InvalidPathException e) {
      return oneLine(text);
    }
    if (Files.isRegularFile(file)) {
      return ofFile(file, value);
    }
    if (!COLUMNS.matcher(text).matches()) {
      throw InvalidValue.of(
          value,
          "is neither JSON Schema nor columns nor a file that exists",
          "give JSON Schema, columns such as \"name STRING NOT NULL, score DOUBLE\", or a file with"
              + " either");
    }
    return oneLine(text);
  }

  private static String ofFile(Path file, String value) throws InvalidValue {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw InvalidValue.of(
            value, "is a file of more than 1 MiB", "give a file that holds the schema alone");
      }
      String text = Files.readString(file).strip();
      return oneLine(text.startsWith("\uFEFF") ? text.substring(1).strip() : text);
    } catch (IOException e) {
      throw InvalidValue.of(value, "cannot be read", "give a readable UTF-8 file");
    }
  }

  /** A line feed stands for white space only, in JSON as in columns. */
  private static String oneLine(String text) {
    return LINE_ENDS.matcher(text).replaceAll(" ");
  }
}
