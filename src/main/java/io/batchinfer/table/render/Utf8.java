package io.batchinfer.table.render;

import java.nio.charset.StandardCharsets;

/** Texts of Spark's columns, which are bytes that need not be UTF-8. */
final class Utf8 {
  private Utf8() {}

  /**
   * Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above
   * U+10FFFF.
   *
   * @see <a href="https://www.unicode.org/versions/latest/core-spec/chapter-3/">table 3-7 of the
   *     Unicode Standard</a>
   */
  static boolean isWellFormed(byte[] bytes) {
    int i = 0;
    while (i < bytes.length) {
      int lead = bytes[i++];
      if (lead >= 0) {
        continue;
      }
      lead &= 0xff;
      int more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
      if (more == 0 || i + more > bytes.length) {
        return false;
      }
      int second = bytes[i] & 0xff;
      int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
      int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
      if (second < least || second > most) {
        return false;
      }
      for (int k = 1; k < more; k++) {
        if ((bytes[i + k] & 0xc0) != 0x80) {
          return false;
        }
      }
      i += more;
    }
    return true;
  }

  /**
   * The bytes, which a request may hold.
   *
   * @param name of the column, for the message
   */
  static byte[] checked(byte[] bytes, String name) throws Unsendable {
    if (!isWellFormed(bytes)) {
      throw Unsendable.invalid(
          "The column \"%s\" holds bytes that are not UTF-8, so its text is not known. Decode it with its own encoding, or give make_valid_utf8(%s), which replaces what is not text by U+FFFD."
              .formatted(name, name));
    }
    return bytes;
  }

  /** The text of a column. */
  static String text(byte[] bytes, String name) throws Unsendable {
    return new String(checked(bytes, name), StandardCharsets.UTF_8);
  }
}
