package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.batchinfer.json.Json;
import io.batchinfer.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The line of a row of a table, as it is staged: a request line of Mistral's form, or one that says
 * why the row gave none. Only lines of tables may say that.
 */
public final class StagedLine {
  static final String UNSENDABLE = "unsendable";

  private static final byte[] ID = "\"custom_id\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BODY = "\"body\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "}\n".getBytes(StandardCharsets.US_ASCII);

  /** Half a surrogate pair, which UTF-8 cannot hold, is kept as the escape that it is in ASCII. */
  private static final ObjectWriter ASCII =
      Json.MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private StagedLine() {}

  /**
   * Why a row of a table is not sent.
   *
   * @param code one of {@link ErrorCode.Scope#INVALID_LINE}
   */
  record Unsendable(ErrorCode code, String message) {}

  /**
   * Writes the line of a request, its end included.
   *
   * @param body a JSON object in UTF-8
   */
  public static void write(ByteArrayOutputStream out, @Nullable String customId, byte[] body) {
    begin(out, customId);
    out.writeBytes(BODY);
    out.writeBytes(body);
    out.writeBytes(END);
  }

  /** Writes the line of a row that is not sent, its end included. */
  public static void writeUnsendable(
      ByteArrayOutputStream out, @Nullable String customId, ErrorCode code, String message) {
    begin(out, customId);
    ascii(out, "\"" + UNSENDABLE + "\":{\"code\":\"" + code.code() + "\",\"message\":");
    quoted(out, message);
    ascii(out, "}}\n");
  }

  private static void begin(ByteArrayOutputStream out, @Nullable String customId) {
    out.write('{');
    if (customId != null) {
      out.writeBytes(ID);
      quoted(out, customId);
      out.write(',');
    }
  }

  private static void quoted(ByteArrayOutputStream out, String text) {
    if (isPlain(text)) {
      out.write('"');
      ascii(out, text);
      out.write('"');
      return;
    }
    try {
      ascii(out, ASCII.writeValueAsString(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a text is always writable", e);
    }
  }

  /** Whether a text is its own JSON, as most keys are. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static void ascii(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads the value of {@link #UNSENDABLE}; the parser stands at its first token. */
  static Unsendable readUnsendable(JsonParser parser) throws IOException {
    String code = "";
    String message = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("code")) {
        code = parser.getText();
      } else if (name.equals("message")) {
        message = parser.getText();
      } else {
        parser.skipChildren();
      }
    }
    Optional<ErrorCode> known =
        ErrorCode.find(code.toLowerCase(Locale.ROOT))
            .filter(found -> found.scope() == ErrorCode.Scope.INVALID_LINE);
    return new Unsendable(known.orElse(ErrorCode.INVALID_VALUE), message);
  }
}
