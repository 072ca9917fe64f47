package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file is that holds no JSON lines, recognised by its beginning: people give CSV, one large
 * array, or pretty-printed JSON, and a sentence helps more than as many errors as there are lines.
 */
public final class InputForm {
  /** How much of a file's beginning tells its form. */
  public static final int HEAD_BYTES = 1 << 14;

  private static final String WANTED =
      "each line must be one JSON object, such as {\"custom_id\":\"a-1\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}}";

  private static final int UTF16_SAMPLE = 64;
  private static final int SHORTEST_TABLE = 2;
  private static final int SAMPLE_LINES = 20;

  /** By the bytes with which a format begins, in ISO 8859-1. */
  private static final Map<String, String> MAGIC = new LinkedHashMap<>();

  static {
    MAGIC.put(
        "\u001f\u008b",
        "gzip data under a name that does not say so; let the name end in .gz, and it is unpacked");
    MAGIC.put(
        "(\u00b5/\u00fd",
        "Zstandard data under a name that does not say so; let the name end in .zst, and it is unpacked");
    MAGIC.put(
        "BZh",
        "bzip2 data under a name that does not say so; let the name end in .bz2, and it is unpacked");
    MAGIC.put("PK\u0003\u0004", "a ZIP archive or an Excel workbook; unpack or export it first");
    MAGIC.put("\u00fd7zXZ", "xz data; unpack it first: xz -dc IN > OUT");
    MAGIC.put("PAR1", table("Parquet"));
    MAGIC.put("ORC", table("ORC"));
    MAGIC.put("Obj\u0001", table("Avro"));
    MAGIC.put("SQLite format 3", table("SQLite"));
    MAGIC.put("ARROW1", table("Arrow"));
    MAGIC.put("%PDF", "a PDF document; only its text can be asked about");
    MAGIC.put("\u00ff\u00fe\u0000\u0000", utf("UTF-32"));
    MAGIC.put("\u0000\u0000\u00fe\u00ff", utf("UTF-32"));
    MAGIC.put("\u00ff\u00fe", utf("UTF-16"));
    MAGIC.put("\u00fe\u00ff", utf("UTF-16"));
  }

  private InputForm() {}

  private static String table(String kind) {
    return "a table in %s; write its rows as JSON lines, for example with Spark, DuckDB or pandas"
        .formatted(kind);
  }

  private static String utf(String encoding) {
    return "text in %s; convert it to UTF-8: iconv -f %s -t UTF-8 IN > OUT"
        .formatted(encoding, encoding);
  }

  /**
   * What the file is and what to do, as the end of a sentence that begins with its name: {@code
   * looks like …}. Empty where it may be JSON lines, with or without mistakes.
   *
   * @param head the first bytes of the file, {@link #HEAD_BYTES} of them where it has as many
   */
  public static Optional<String> of(byte[] head) {
    String bytes = new String(head, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, String> magic : MAGIC.entrySet()) {
      if (bytes.startsWith(magic.getKey())) {
        return looksLike(magic.getValue());
      }
    }
    @Nullable String utf16 = utf16WithoutMark(head);
    return utf16 == null ? ofText(head) : looksLike(utf(utf16));
  }

  /**
   * @param what what it is and, after a semicolon, what to do
   */
  private static Optional<String> looksLike(String what) {
    int remedy = what.indexOf("; ");
    return Optional.of(
        remedy < 0
            ? "looks like " + what + ", but " + WANTED
            : "looks like "
                + what.substring(0, remedy)
                + ", but "
                + WANTED
                + what.substring(remedy));
  }

  private static @Nullable String utf16WithoutMark(byte[] head) {
    int length = Math.min(head.length, UTF16_SAMPLE) & ~1;
    int evenZeros = 0;
    int oddZeros = 0;
    for (int i = 0; i < length; i += 2) {
      evenZeros += head[i] == 0 ? 1 : 0;
      oddZeros += head[i + 1] == 0 ? 1 : 0;
    }
    int most = length / 2;
    if (most == 0 || Math.max(evenZeros, oddZeros) < most || evenZeros + oddZeros > most) {
      return null;
    }
    return oddZeros == most ? "UTF-16LE" : "UTF-16BE";
  }

  private static Optional<String> ofText(byte[] head) {
    String text = new String(head, StandardCharsets.UTF_8).strip();
    text = text.startsWith("\uFEFF") ? text.substring(1).strip() : text;
    if (text.isEmpty() || text.charAt(0) == 0) {
      return Optional.empty();
    }
    return switch (text.charAt(0)) {
      case '[' ->
          text.indexOf('\n') < 0 || spansLines(text)
              ? looksLike("one JSON array; write its elements as lines: jq -c '.[]' IN > OUT")
              : Optional.empty();
      case '{' -> ofObject(text);
      case '<' -> looksLike("HTML or XML");
      default -> ofWords(text);
    };
  }

  private static Optional<String> ofObject(String text) {
    String inside = text.substring(1).strip();
    if (inside.startsWith("'")) {
      return looksLike(
          "Python's notation with single quotes; write each line with json.dumps(request)");
    }
    return spansLines(text)
        ? looksLike("JSON objects that go over several lines; join their lines: jq -c . IN > OUT")
        : Optional.empty();
  }

  /** Whether the first value is well formed and ends on another line than it begins on. */
  private static boolean spansLines(String text) {
    if (text.indexOf('\n') == 1 || text.startsWith("\r\n", 1)) {
      return true;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int line = 1;
    try (JsonParser parser = Json.parser(bytes, 0, bytes.length)) {
      int depth = 0;
      do {
        JsonToken token = parser.nextToken();
        if (token == null) {
          return false;
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        line = parser.currentLocation().getLineNr();
      } while (depth > 0);
      return line > 1;
    } catch (JsonEOFException e) {
      // The head ends before the value does.
      return line > 1;
    } catch (IOException e) {
      return false;
    }
  }

  private static Optional<String> ofWords(String text) {
    List<String> lines = text.lines().limit(SAMPLE_LINES).toList();
    if (lines.stream().anyMatch(line -> line.startsWith("{"))) {
      return Optional.empty();
    }
    // The last line may be cut off.
    List<String> whole = lines.subList(0, Math.max(1, lines.size() - 1));
    for (String separator : List.of("\t", ";", ",")) {
      if (lines.size() >= SHORTEST_TABLE
          && whole.stream().allMatch(line -> line.contains(separator))) {
        return looksLike(
            "CSV; write each row as a request, for example with Python's csv and json modules");
      }
    }
    return looksLike("text; write each prompt as a request, for example with Python's json module");
  }
}
