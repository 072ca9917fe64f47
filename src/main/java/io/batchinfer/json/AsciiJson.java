package io.batchinfer.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Puts JSON on one line in ASCII without touching how numbers and escapes are spelled: white space
 * outside strings is dropped, and characters beyond ASCII become {@code \}{@code uXXXX}. A client
 * that cuts a stream of such lines anywhere can decode every piece.
 */
public final class AsciiJson {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private AsciiJson() {}

  /** The same JSON on one line in ASCII. {@code json} must be valid JSON in UTF-8. */
  public static byte[] compact(byte[] json) {
    return isCompact(json) ? json : rewrite(json);
  }

  /** The tree on one line in ASCII. */
  public static byte[] bytes(JsonNode node) {
    try {
      return compact(Json.MAPPER.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and texts is always writable", e);
    }
  }

  private static boolean isCompact(byte[] json) {
    for (byte b : json) {
      if (b < ' ') {
        return false;
      }
    }
    return true;
  }

  private static byte[] rewrite(byte[] json) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + json.length / 4);
    boolean inString = false;
    int i = hasByteOrderMark(json) ? 3 : 0;
    while (i < json.length) {
      byte b = json[i];
      if (b < 0) {
        i += escapeCharacter(json, i, out);
        continue;
      }
      if (inString) {
        out.write(b);
        if (b == '\\') {
          out.write(json[++i]);
        } else if (b == '"') {
          inString = false;
        }
      } else if (b > ' ') {
        inString = b == '"';
        out.write(b);
      }
      i++;
    }
    return out.toByteArray();
  }

  public static boolean hasByteOrderMark(byte[] json) {
    return json.length >= 3
        && json[0] == (byte) 0xef
        && json[1] == (byte) 0xbb
        && json[2] == (byte) 0xbf;
  }

  /**
   * Writes the multi-byte character at {@code i} as one or two escapes; returns its length in
   * bytes.
   */
  private static int escapeCharacter(byte[] json, int i, ByteArrayOutputStream out) {
    int lead = json[i] & 0xff;
    int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    int codePoint = lead & (0xff >> (length + 1));
    for (int k = 1; k < length; k++) {
      codePoint = codePoint << 6 | (json[i + k] & 0x3f);
    }
    int scalar = Character.isValidCodePoint(codePoint) ? codePoint : '\uFFFD';
    for (char unit : Character.toChars(scalar)) {
      escape(unit, out);
    }
    return length;
  }

  private static void escape(char unit, ByteArrayOutputStream out) {
    out.write('\\');
    out.write('u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.write(HEX[(unit >>> shift) & 15]);
    }
  }

  /** Writes a text as a quoted JSON string in ASCII. */
  public static void writeString(String text, ByteArrayOutputStream out) {
    out.write('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> {
          out.write('\\');
          out.write(c);
        }
        case '\n' -> {
          out.write('\\');
          out.write('n');
        }
        case '\r' -> {
          out.write('\\');
          out.write('r');
        }
        case '\t' -> {
          out.write('\\');
          out.write('t');
        }
        default -> {
          if (c < ' ' || c >= 0x7f) {
            escape(c, out);
          } else {
            out.write(c);
          }
        }
      }
    }
    out.write('"');
  }
}
