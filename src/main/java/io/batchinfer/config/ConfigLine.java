package io.batchinfer.config;

import java.util.ArrayList;
import java.util.List;

/**
 * One {@code key = value} line of a configuration file. Blank lines and lines that start with
 * {@code #} are skipped; a {@code #} later in a line belongs to the value.
 *
 * @param file name of the file as the user knows it
 * @param number 1-based line number
 */
public record ConfigLine(String file, int number, String key, String value) {

  /** File and line, such as {@code conf/batchinfer.conf:12}. */
  public String place() {
    return file + ":" + number;
  }

  /** Reads all settings; for each line that is none, adds a sentence to the problems. */
  public static List<ConfigLine> parse(String file, List<String> lines, List<String> problems) {
    List<ConfigLine> parsed = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = (i == 0 ? withoutByteOrderMark(lines.get(i)) : lines.get(i)).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 1) {
        problems.add(
            "Line "
                + file
                + ":"
                + (i + 1)
                + " is not a setting; write it as key = value, or start"
                + " it with # to make it a comment.");
        continue;
      }
      parsed.add(
          new ConfigLine(
              file, i + 1, line.substring(0, equals).strip(), line.substring(equals + 1).strip()));
    }
    return parsed;
  }

  private static String withoutByteOrderMark(String line) {
    return line.startsWith("\uFEFF") ? line.substring(1) : line;
  }
}
