package io.batchinfer.remote;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A line of a provider's output or error file.
 *
 * @param name the row's {@code custom_id} there
 * @param status of its answer, 0 where it has none
 * @param requestId the provider's, or empty
 * @param body of its answer, empty where it has none
 * @param code the provider's word for why there is no answer, or empty
 * @param message the provider's words for it, or empty
 */
public record RemoteLine(
    String name, int status, String requestId, byte[] body, String code, String message) {
  /** The code of a row of which a provider's files say nothing. */
  public static final String MISSING = "batch_row_missing";

  private static final byte[] NOTHING = {};

  /** The line that stands for a row without one. */
  public static byte[] unanswered(long key, String code, String message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("{\"custom_id\":".getBytes(StandardCharsets.US_ASCII));
    AsciiJson.writeString(RowName.of(key), out);
    out.writeBytes(",\"response\":null,\"error\":{\"code\":".getBytes(StandardCharsets.US_ASCII));
    AsciiJson.writeString(code, out);
    out.writeBytes(",\"message\":".getBytes(StandardCharsets.US_ASCII));
    AsciiJson.writeString(message, out);
    out.writeBytes("}}".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  /** The line that stands for a row that was refused before anything ran. */
  public static byte[] refused(long key, String message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("{\"custom_id\":".getBytes(StandardCharsets.US_ASCII));
    AsciiJson.writeString(RowName.of(key), out);
    out.writeBytes(
        ",\"response\":{\"status_code\":400,\"body\":{\"error\":{\"type\":\"invalid_request_error\",\"message\":"
            .getBytes(StandardCharsets.US_ASCII));
    AsciiJson.writeString(message, out);
    out.writeBytes("}}},\"error\":null}".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  /**
   * Reads a line.
   *
   * @throws IOException if it is none, or not a whole one
   */
  public static RemoteLine read(byte[] bytes, int offset, int length) throws IOException {
    Fields fields = new Fields();
    try (JsonParser parser = Json.parser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("a line is no object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        fields.read(parser, bytes, offset);
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException("a line does not end with its object");
      }
    }
    return new RemoteLine(
        fields.name, fields.status, fields.requestId, fields.body, fields.code, fields.message);
  }

  /** Whether the provider ran the request, and ran it to an end that asking again would repeat. */
  public boolean isFinal() {
    return status >= 200
        && status < 500
        && status != 408
        && status != 409
        && status != 425
        && status != 429
        && status != 499;
  }

  private static final class Fields {
    private String name = "";
    private int status;
    private String requestId = "";
    private byte[] body = NOTHING;
    private String code = "";
    private String message = "";

    void read(JsonParser parser, byte[] bytes, int offset) throws IOException {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "custom_id" -> name = value == JsonToken.VALUE_STRING ? parser.getText() : "";
        case "response" -> {
          if (value == JsonToken.START_OBJECT) {
            readResponse(parser, bytes, offset);
          } else {
            parser.skipChildren();
          }
        }
        case "error" -> {
          if (value == JsonToken.START_OBJECT) {
            readError(parser);
          } else if (value == JsonToken.VALUE_STRING) {
            message = parser.getText();
          } else {
            parser.skipChildren();
          }
        }
        default -> parser.skipChildren();
      }
    }

    private void readResponse(JsonParser parser, byte[] bytes, int offset) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "status_code" -> status = value.isNumeric() ? parser.getIntValue() : 0;
          case "request_id" -> requestId = value == JsonToken.VALUE_STRING ? parser.getText() : "";
          case "body" -> {
            int start = offset + (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            if (parser.currentToken().isScalarValue()) {
              parser.finishToken();
            }
            int end = offset + (int) parser.currentLocation().getByteOffset();
            body = Arrays.copyOfRange(bytes, start, end);
          }
          default -> parser.skipChildren();
        }
      }
    }

    private void readError(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "code", "type" -> code = value.isScalarValue() ? parser.getText() : code;
          case "message" -> message = value == JsonToken.VALUE_STRING ? parser.getText() : "";
          default -> parser.skipChildren();
        }
      }
    }
  }
}
