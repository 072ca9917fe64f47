package io.batchinfer.row;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Reads the size of an image from its first bytes: PNG, JPEG, GIF and WebP. */
final class ImageHead {
  /** Base64 that is looked at; the size stands behind what cameras note, which is less. */
  private static final int MOST_CHARS = 1 << 16;

  private static final int PNG_HEAD = 24;
  private static final int GIF_HEAD = 10;
  private static final int WEBP_HEAD = 30;
  private static final int BYTE = 0xff;
  private static final int LOW_14_BITS = 0x3fff;
  private static final int LOW_24_BITS = 0xffffff;

  private ImageHead() {}

  /**
   * The image in a JSON string.
   *
   * @param body JSON
   * @param start where the base64 begins
   * @return of unknown size where it cannot be read
   */
  static ImagePart ofBase64(byte[] body, int start) {
    byte[] chars = new byte[Math.min(MOST_CHARS, body.length - start)];
    int length = 0;
    for (int i = start; i < body.length && length < chars.length && body[i] != '"'; i++) {
      // JSON may write a slash as \/.
      if (body[i] != '\\') {
        chars[length++] = body[i];
      }
    }
    ByteBuffer whole = ByteBuffer.wrap(chars, 0, length - length % 4);
    try {
      ByteBuffer head = Base64.getDecoder().decode(whole);
      byte[] bytes = new byte[head.remaining()];
      head.get(bytes);
      return of(bytes);
    } catch (IllegalArgumentException e) {
      return ImagePart.UNKNOWN;
    }
  }

  /** The image that begins so. */
  static ImagePart of(byte[] head) {
    ByteBuffer bytes = ByteBuffer.wrap(head);
    if (begins(head, 1, "PNG") && head.length >= PNG_HEAD) {
      return sized(bytes.getInt(16), bytes.getInt(20));
    }
    if (begins(head, 0, "GIF8") && head.length >= GIF_HEAD) {
      ByteBuffer little = bytes.order(ByteOrder.LITTLE_ENDIAN);
      return sized(unsigned(little, 6), unsigned(little, 8));
    }
    if (begins(head, 0, "RIFF") && begins(head, 8, "WEBP") && head.length >= WEBP_HEAD) {
      return webp(
          new String(head, 12, 4, StandardCharsets.ISO_8859_1),
          bytes.order(ByteOrder.LITTLE_ENDIAN));
    }
    return head.length > 2 && (head[0] & BYTE) == BYTE && (head[1] & BYTE) == 0xd8
        ? jpeg(bytes)
        : ImagePart.UNKNOWN;
  }

  private static ImagePart webp(String form, ByteBuffer bytes) {
    return switch (form) {
      case "VP8X" ->
          sized((bytes.getInt(24) & LOW_24_BITS) + 1, (bytes.getInt(26) >>> 8 & LOW_24_BITS) + 1);
      case "VP8L" -> {
        int packed = bytes.getInt(21);
        yield sized((packed & LOW_14_BITS) + 1, (packed >>> 14 & LOW_14_BITS) + 1);
      }
      case "VP8 " -> sized(unsigned(bytes, 26) & LOW_14_BITS, unsigned(bytes, 28) & LOW_14_BITS);
      default -> ImagePart.UNKNOWN;
    };
  }

  /** Goes from segment to segment to the one that begins a frame. */
  private static ImagePart jpeg(ByteBuffer bytes) {
    int at = 2;
    while (at + 9 <= bytes.limit() && (bytes.get(at) & BYTE) == BYTE) {
      int marker = bytes.get(at + 1) & BYTE;
      boolean frame =
          marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
      if (frame) {
        return sized(unsigned(bytes, at + 7), unsigned(bytes, at + 5));
      }
      at += marker == BYTE ? 1 : 2 + unsigned(bytes, at + 2);
    }
    return ImagePart.UNKNOWN;
  }

  private static int unsigned(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xffff;
  }

  private static ImagePart sized(int width, int height) {
    return width > 0 && height > 0 ? new ImagePart(width, height, false) : ImagePart.UNKNOWN;
  }

  private static boolean begins(byte[] head, int at, String word) {
    byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
    if (head.length < at + bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (head[at + i] != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
