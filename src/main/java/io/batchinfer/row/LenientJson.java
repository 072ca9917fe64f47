package io.batchinfer.row;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Repairs what servers are known to get wrong in JSON and what can be repaired without guessing:
 * {@code NaN} and {@code ±Infinity}, as Python's {@code json} writes them, become {@code null}; raw
 * control characters in strings are escaped; bytes that are not UTF-8 become U+FFFD; white space
 * and NUL bytes at the end are dropped. Whether the outcome is JSON is for a strict reader to say.
 */
final class LenientJson {
  private static final byte[] NAN = ascii("NaN");
  private static final byte[] INFINITY = ascii("Infinity");
  private static final byte[] MINUS_INFINITY = ascii("-Infinity");
  private static final byte[] NULL = ascii("null");

  private LenientJson() {}

  /** The repaired bytes, or empty where there is nothing of that kind to repair. */
  static Optional<byte[]> mend(byte[] body) {
    byte[] text = new String(body, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    int length = text.length;
    while (length > 0 && (text[length - 1] == 0 || isSpace(text[length - 1]))) {
      length--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 64);
    boolean inString = false;
    int i = 0;
    while (i < length) {
      byte b = text[i];
      int word = inString ? 0 : nonNumber(text, i, length);
      if (word > 0) {
        out.writeBytes(NULL);
        i += word;
        continue;
      }
      if (inString && b >= 0 && b < ' ') {
        writeEscaped(b, out);
      } else {
        out.write(b);
        if (inString && b == '\\' && i + 1 < length) {
          out.write(text[++i]);
        } else if (b == '"') {
          inString = !inString;
        }
      }
      i++;
    }
    byte[] mended = out.toByteArray();
    return mended.length == 0 || Arrays.equals(mended, body)
        ? Optional.empty()
        : Optional.of(mended);
  }

  /** Length of the word that stands for a number there is none for, 0 where there is none. */
  private static int nonNumber(byte[] text, int at, int end) {
    for (byte[] word : new byte[][] {NAN, INFINITY, MINUS_INFINITY}) {
      int to = at + word.length;
      if (text[at] == word[0]
          && to <= end
          && Arrays.equals(text, at, to, word, 0, word.length)
          && (to == end || endsValue(text[to]))) {
        return word.length;
      }
    }
    return 0;
  }

  private static boolean endsValue(byte b) {
    return isSpace(b) || b == ',' || b == ']' || b == '}';
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static void writeEscaped(byte control, ByteArrayOutputStream out) {
    out.writeBytes(ascii("\\u%04x".formatted((int) control)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
