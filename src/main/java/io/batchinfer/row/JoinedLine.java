package io.batchinfer.row;

import io.batchinfer.json.AsciiJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes a request's body and its result as one line. */
public final class JoinedLine {
  private static final byte[] CUSTOM_ID = ascii("{\"custom_id\":");
  private static final byte[] INPUT = ascii(",\"input\":");
  private static final byte[] RESULT = ascii(",\"result\":");
  private static final byte[] END = ascii("}\n");
  private static final byte[] NULL = ascii("null");

  private JoinedLine() {}

  /** A range of an array. */
  public record Bytes(byte[] array, int offset, int length) {
    private void writeTo(OutputStream out) throws IOException {
      if (length == 0) {
        out.write(NULL);
      } else {
        out.write(array, offset, length);
      }
    }
  }

  /**
   * Writes the line with its end.
   *
   * @param input the request's body as it was written; of no bytes where there is none
   * @param result the result line without its end
   */
  public static void write(OutputStream out, @Nullable String customId, Bytes input, Bytes result)
      throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(128);
    head.writeBytes(CUSTOM_ID);
    if (customId == null) {
      head.writeBytes(NULL);
    } else {
      AsciiJson.writeString(customId, head);
    }
    head.writeBytes(INPUT);
    head.writeTo(out);
    input.writeTo(out);
    out.write(RESULT);
    result.writeTo(out);
    out.write(END);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
