package io.batchinfer.client.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Decompression that stops at a limit. */
final class Gzip {
  private static final int BUFFER_BYTES = 8 << 10;

  private Gzip() {}

  /**
   * The decompressed bytes, or empty when they would be more than the limit.
   *
   * @throws IOException when the input is not complete and correct gzip
   */
  static Optional<byte[]> decompress(byte[] compressed, long limit) throws IOException {
    int atMost = (int) Math.min(limit, Integer.MAX_VALUE - 16);
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(compressed), BUFFER_BYTES)) {
      byte[] content = in.readNBytes(atMost);
      return in.read() == -1 ? Optional.of(content) : Optional.empty();
    }
  }
}
