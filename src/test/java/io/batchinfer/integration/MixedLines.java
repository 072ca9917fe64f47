package io.batchinfer.integration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Writes lines of every kind, good and bad, as a seed decides, and knows of each what must become
 * of it. Every request asks for model {@code m} or for none.
 */
final class MixedLines {
  /** What becomes of a line that is answered. */
  static final String OK = "ok";

  /** What becomes of a line that the endpoint refuses. */
  static final String REFUSED = "http_400";

  /** The endpoint's own code for that refusal, which counts with the lines of the same code. */
  static final String REFUSAL = "missing_required_parameter";

  private static final int RECENT_IDS = 1_000;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
  private static final List<String> TEXTS =
      List.of(
          "plain words",
          "\\\"quoted\\\" \\\\ back\\u002fslash",
          "\u00e9\u00fc\u4f60\u597d \ud83d\ude00 \u05e9\u05dc\u05d5\u05dd",
          "line\u2028separator\u0085next\u2029line",
          "half a pair \\ud800 and \\u0000",
          "{\\\"custom_id\\\":\\\"not-me\\\",\\\"body\\\":{}}");
  private static final List<String> SPACES = List.of("", "", "", " ", "\t", "  \t ");
  private static final List<String> UNKNOWN =
      List.of(
          "\"extra\":null",
          "\"stream\":true",
          "\"model\":\"x\"",
          "\"deep\":[[[{\"body\":{\"stream\":true}}]]]",
          "\"\":0",
          "\"price\":1e-400");

  private final Random random;
  private final List<String> recentIds = new ArrayList<>();
  private int number;

  /**
   * A row that must be found again.
   *
   * @param customId the id its result carries, or null where it has none
   */
  record Row(int file, long line, String customId, String end) {}

  MixedLines(long seed) {
    random = new Random(seed);
  }

  /** Writes a file of so many physical lines and returns its rows in order. */
  List<Row> write(int file, int lines, OutputStream out) throws IOException {
    List<Row> rows = new ArrayList<>();
    if (random.nextBoolean()) {
      out.write(BYTE_ORDER_MARK);
    }
    for (int line = 1; line <= lines; line++) {
      number++;
      Line made = line(file);
      out.write(made.bytes());
      if (random.nextInt(5) == 0) {
        out.write('\r');
      }
      if (line < lines || random.nextBoolean() || made.end().isEmpty()) {
        out.write('\n');
      }
      if (!made.end().isEmpty()) {
        rows.add(new Row(file, line, made.customId(), made.end()));
      }
    }
    return rows;
  }

  /**
   * A line as it is written.
   *
   * @param end what must become of it; empty for a line that is no row
   */
  private record Line(byte[] bytes, String customId, String end) {
    static Line of(String text, String customId, String end) {
      return new Line(text.getBytes(StandardCharsets.UTF_8), customId, end);
    }
  }

  private Line line(int file) {
    int kind = random.nextInt(100);
    String id = "f%d-%d".formatted(file, number);
    if (kind < 55) {
      return good(id);
    }
    return switch (kind % 22) {
      case 0 -> Line.of(pick(List.of("", " ", "\t", " \t  ")), null, "");
      case 1 -> Line.of("{}", null, "missing_required_parameter");
      case 2 -> Line.of("{\"custom_id\":\"%s\"}".formatted(id), id, "missing_required_parameter");
      case 3 -> Line.of(openAi(null, "POST", body("")), null, "missing_required_parameter");
      case 4 ->
          Line.of("{\"custom_id\":\"%s\",\"body\":{}}".formatted(id), remembered(id), REFUSED);
      case 5 -> cutOff(id);
      case 6 ->
          Line.of(
              openAi(id, "POST", body("")) + pick(List.of("{}", ",", "]")),
              id,
              "invalid_json_line");
      case 7 ->
          Line.of(
              pick(List.of("[]", "7", "\"text\"", "null", "true", "nonsense")),
              null,
              "invalid_json_line");
      case 8 -> notUtf8(id);
      case 9 -> tooDeep(id);
      case 10 ->
          Line.of(
              openAi(id, "POST", pick(List.of("[]", "\"{}\"", "1", "false"))), id, "invalid_type");
      case 11 ->
          Line.of(
              "{\"custom_id\":%s,%s}"
                  .formatted(pick(List.of("1", "[]", "{}", "true")), "\"body\":" + body("")),
              null,
              "invalid_type");
      case 12 ->
          Line.of(
              openAi(
                  id,
                  "POST",
                  "{\"model\":%s}".formatted(pick(List.of("1", "[]", "{\"a\":1}", "true")))),
              id,
              "invalid_type");
      case 13 ->
          Line.of(openAi(id, pick(List.of("GET", "PUT", "")), body("")), id, "invalid_method");
      case 14 ->
          Line.of(
              "{\"custom_id\":\"%s\",\"url\":\"%s\",\"body\":%s}"
                  .formatted(
                      id,
                      pick(List.of("/v1/files", "", "/v1/../x", "ftp://h/v1/embeddings")),
                      body("")),
              id,
              "invalid_url");
      case 15, 16 ->
          Line.of(
              openAi(id, "POST", body(",\"stream\":" + pick(List.of("true", "1", "\"no\"")))),
              id,
              "streaming_unsupported");
      case 17 -> Line.of(openAi(id, "POST", body("\"model\":\"z\",", "")), id, "mismatched_model");
      default -> duplicate(id);
    };
  }

  private Line good(String id) {
    return switch (random.nextInt(6)) {
      case 0 ->
          Line.of("{\"custom_id\":\"%s\",\"body\":%s}".formatted(id, body("")), remembered(id), OK);
      case 1 -> Line.of("{\"body\":%s}".formatted(body("")), null, OK);
      case 2 -> {
        String escaped = "\u00ef \\\" " + id;
        yield Line.of(openAi(escaped, "post", body("")), "\u00ef \" " + id, OK);
      }
      case 3 ->
          Line.of(
              "%s{%s\"body\":%s,%s,\"custom_id\":\"%s\"}%s"
                  .formatted(pick(SPACES), pick(SPACES), body(""), pick(UNKNOWN), id, pick(SPACES)),
              remembered(id),
              OK);
      case 4 -> {
        int depth = 1 + random.nextInt(400);
        String deep = ",\"x\":" + "[".repeat(depth) + "]".repeat(depth) + ",\"stream\":false";
        yield Line.of(openAi(id, "POST", body(deep)), remembered(id), OK);
      }
      default -> Line.of(openAi(id, "POST", body("")), remembered(id), OK);
    };
  }

  private String remembered(String id) {
    if (recentIds.size() < RECENT_IDS) {
      recentIds.add(id);
    } else {
      recentIds.set(random.nextInt(RECENT_IDS), id);
    }
    return id;
  }

  private Line duplicate(String id) {
    if (recentIds.isEmpty()) {
      return Line.of(openAi(id, "POST", body("")), remembered(id), OK);
    }
    String earlier = recentIds.get(random.nextInt(recentIds.size()));
    String escaped = random.nextBoolean() ? earlier : earlier.replace("f", "\\u0066");
    return Line.of(openAi(escaped, "POST", body("")), earlier, "duplicate_custom_id");
  }

  /** Cut where its id is not complete yet, or behind it. */
  private Line cutOff(String id) {
    byte[] whole = openAi(id, "POST", body("")).getBytes(StandardCharsets.UTF_8);
    int idEnds = "{\"custom_id\":\"".length() + id.length() + 1;
    int length = 1 + random.nextInt(whole.length - 1);
    byte[] cut = Arrays.copyOf(whole, length);
    return new Line(cut, length >= idEnds ? id : null, "invalid_json_line");
  }

  private Line notUtf8(String id) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        "{\"custom_id\":\"%s\",\"body\":{\"x\":\"caf"
            .formatted(id)
            .getBytes(StandardCharsets.UTF_8));
    bytes.write(random.nextBoolean() ? 0xe9 : 0xff);
    bytes.writeBytes("\"}}".getBytes(StandardCharsets.UTF_8));
    return new Line(bytes.toByteArray(), id, "invalid_json_line");
  }

  private Line tooDeep(String id) {
    int depth = 501 + random.nextInt(500);
    String deep = ",\"x\":" + "[".repeat(depth) + "]".repeat(depth);
    return Line.of(openAi(id, "POST", body(deep)), id, "invalid_json_line");
  }

  private static String openAi(String id, String method, String body) {
    String customId = id == null ? "" : "\"custom_id\":\"" + id + "\",";
    return "{%s\"method\":\"%s\",\"url\":\"/v1/chat/completions\",\"body\":%s}"
        .formatted(customId, method, body);
  }

  /** A body that no other line has. */
  private String body(String more) {
    return body(
        pick(List.of("", "", "\"model\":\"m\",", "\"model\":null,", "\"model\":\"\",")), more);
  }

  private String body(String model, String more) {
    return "{%s\"messages\":[{\"role\":\"user\",\"content\":\"%s %d\"}],\"max_tokens\":%d%s}"
        .formatted(model, pick(TEXTS), number, 1 + random.nextInt(9), more);
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
