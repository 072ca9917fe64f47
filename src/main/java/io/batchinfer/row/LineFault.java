package io.batchinfer.row;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The name of what is wrong with the bytes of a line that is not JSON. */
final class LineFault {
  private static final int UTF8_BOM_BYTES = 3;
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  private LineFault() {}

  /**
   * A sentence with the place and what to do, or empty where the bytes are text and only their JSON
   * is wrong.
   */
  static Optional<String> of(byte[] bytes, int offset, int length) {
    if (startsWithByteOrderMark(bytes, offset, length)) {
      return Optional.of(
          "The line begins with a byte order mark, as where files were joined that each had one; remove its three bytes (EF BB BF): sed 's/^\\xEF\\xBB\\xBF//' IN > OUT.");
    }
    int nul = indexOfNul(bytes, offset, length);
    if (nul >= 0) {
      return Optional.of(
          "The line holds NUL bytes, %,d of them, the first at byte %,d, as where a file was cut off or padded; restore the file, or remove them: tr -d '\\000' < IN > OUT."
              .formatted(countNuls(bytes, offset, length), nul + 1));
    }
    return notUtf8(bytes, offset, length);
  }

  private static boolean startsWithByteOrderMark(byte[] bytes, int offset, int length) {
    return length >= UTF8_BOM_BYTES
        && bytes[offset] == (byte) 0xEF
        && bytes[offset + 1] == (byte) 0xBB
        && bytes[offset + 2] == (byte) 0xBF;
  }

  private static int indexOfNul(byte[] bytes, int offset, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[offset + i] == 0) {
        return i;
      }
    }
    return -1;
  }

  private static int countNuls(byte[] bytes, int offset, int length) {
    int count = 0;
    for (int i = offset; i < offset + length; i++) {
      count += bytes[i] == 0 ? 1 : 0;
    }
    return count;
  }

  private static Optional<String> notUtf8(byte[] bytes, int offset, int length) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
    CharBuffer out = CharBuffer.allocate(1 << 12);
    CoderResult result = decoder.decode(in, out, true);
    while (result.isOverflow()) {
      out.clear();
      result = decoder.decode(in, out, true);
    }
    if (!result.isError()) {
      return Optional.empty();
    }
    int at = in.position() - offset;
    return Optional.of(
        "The line is not UTF-8: byte %,d is %02X, %s."
            .formatted(at + 1, bytes[offset + at], origin(bytes, offset + at, offset + length)));
  }

  private static String origin(byte[] bytes, int at, int end) {
    int found = bytes[at] & 0xFF;
    int wanted = found >= 0xF0 ? 4 : found >= 0xE0 ? 3 : found >= 0xC2 ? 2 : 1;
    if (found <= 0xF4 && wanted > end - at && end - at < 4) {
      return "with which a character begins that the line's end cuts off; restore the file";
    }
    String letter = new String(bytes, at, 1, WINDOWS_1252);
    return letter.equals("\uFFFD")
        ? "which no text in Latin-1 has either; find out the encoding and convert the file: iconv -f ENCODING -t UTF-8 IN > OUT"
        : "which is \"%s\" in Latin-1 (Windows-1252); convert the file: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT"
            .formatted(letter);
  }
}
