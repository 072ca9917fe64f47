package io.batchinfer.pack;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The body of a pack's answer, from which each row gets what it would have got alone: the same
 * around {@code data}, its own item, and its share of {@code usage}. Where it cannot be told which
 * item is whose, a row gets what is around them.
 */
final class PackedAnswer {
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

  private static final String UNREADABLE = "it cannot be read";

  /** What is kept for every row of an answer that is no row's. */
  private static final int MOST_AROUND = 16 << 10;

  private final byte[] body;
  private final int start;
  private final List<SharedPart> parts = new ArrayList<>();
  private @Nullable PackedItems items;
  private @Nullable String problem;

  private PackedAnswer(byte[] body) {
    this.body = body;
    this.start = AsciiJson.hasByteOrderMark(body) ? 3 : 0;
  }

  /**
   * Reads an answer.
   *
   * @param body one JSON value
   * @param rows inputs of the request
   */
  static PackedAnswer read(byte[] body, int rows) {
    PackedAnswer answer = new PackedAnswer(body);
    try (JsonParser parser = Json.parser(body, answer.start, body.length - answer.start)) {
      answer.readTop(parser, rows);
    } catch (IOException e) {
      return unreadable(body);
    }
    return answer;
  }

  /** One that nothing can be said of. */
  static PackedAnswer unreadable(byte[] body) {
    PackedAnswer answer = new PackedAnswer(body);
    answer.problem = UNREADABLE;
    return answer;
  }

  private void readTop(JsonParser parser, int rows) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      problem = "it is no object";
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("data") && items == null) {
        items = PackedItems.read(parser, body, start, rows);
        parts.add(items);
      } else if (name.equals("usage")) {
        parts.add(SharedUsage.read(parser, body, start));
      } else {
        parser.skipChildren();
        if (name.equals("data")) {
          problem = "it has data twice";
        }
      }
    }
    if (items == null) {
      problem = "it has no data";
    }
  }

  /** Why it is not known which item answers which input, as the end of a sentence. */
  Optional<String> problem() {
    return problem != null || items == null ? Optional.ofNullable(problem) : items.problem();
  }

  /** What a row gets. */
  byte[] of(int row, Shares shares) {
    boolean anybodys = problem != null || (problem().isPresent() && around() > MOST_AROUND);
    if (anybodys) {
      return EMPTY;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(256 + body.length / shares.rows());
    int at = start;
    for (SharedPart part : parts) {
      out.write(body, at, part.from() - at);
      part.write(shares, row, out);
      at = part.to();
    }
    out.write(body, at, body.length - at);
    return out.toByteArray();
  }

  private int around() {
    return items == null ? body.length : body.length - (items.to() - items.from());
  }
}
