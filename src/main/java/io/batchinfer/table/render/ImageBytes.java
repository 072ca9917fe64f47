package io.batchinfer.table.render;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Recognises the media type of an image by its first bytes. */
final class ImageBytes {
  private ImageBytes() {}

  /**
   * @param at where the bytes stand
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Sign(String type, int at, byte[] bytes) {
    static Sign of(String type, int at, String latin1) {
      return new Sign(type, at, latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    boolean isIn(byte[] image) {
      if (image.length < at + bytes.length) {
        return false;
      }
      for (int i = 0; i < bytes.length; i++) {
        if (image[at + i] != bytes[i]) {
          return false;
        }
      }
      return true;
    }
  }

  /** What endpoints take; the signatures are those of the formats' specifications. */
  private static final List<Sign> SIGNS =
      List.of(
          Sign.of("image/png", 0, "\u0089PNG\r\n\u001a\n"),
          Sign.of("image/jpeg", 0, "\u00ff\u00d8\u00ff"),
          Sign.of("image/gif", 0, "GIF87a"),
          Sign.of("image/gif", 0, "GIF89a"),
          Sign.of("image/webp", 8, "WEBP"),
          Sign.of("image/bmp", 0, "BM"),
          Sign.of("image/tiff", 0, "II*\u0000"),
          Sign.of("image/tiff", 0, "MM\u0000*"),
          Sign.of("image/avif", 4, "ftypavif"),
          Sign.of("image/heic", 4, "ftypheic"));

  /** The media type; empty if the bytes begin like no image that is known. */
  static Optional<String> mediaType(byte[] image) {
    return SIGNS.stream().filter(sign -> sign.isIn(image)).map(Sign::type).findFirst();
  }
}
