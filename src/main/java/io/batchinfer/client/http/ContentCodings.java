package io.batchinfer.client.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Undoes the codings that a {@code Content-Encoding} header names (RFC 9110, 8.4). */
final class ContentCodings {
  private static final int BUFFER_BYTES = 8 << 10;

  private ContentCodings() {}

  /** What came of it. */
  enum Outcome {
    DECODED,
    /** The content is larger than the limit. */
    TOO_LARGE,
    /** A coding is unknown, or the bytes are not what it says. */
    UNDECODABLE
  }

  /**
   * @param content as it came, unless it is decoded
   */
  record Result(Outcome outcome, byte[] content) {}

  /**
   * @param header names codings in the order in which they were applied
   * @param limit most bytes of decoded content
   */
  static Result undo(String header, byte[] coded, long limit) {
    int atMost = (int) Math.min(limit, Integer.MAX_VALUE - 16);
    String[] codings = header.toLowerCase(Locale.ROOT).split(",", -1);
    byte[] content = coded;
    try {
      for (int last = codings.length - 1; last >= 0; last--) {
        String coding = codings[last].trim();
        if (content.length == 0 || coding.isEmpty() || coding.equals("identity")) {
          continue;
        }
        try (InputStream in = decoder(coding, content)) {
          content = in.readNBytes(atMost);
          if (in.read() != -1) {
            return new Result(Outcome.TOO_LARGE, coded);
          }
        }
      }
    } catch (IOException unknownOrBroken) {
      return new Result(Outcome.UNDECODABLE, coded);
    }
    return new Result(Outcome.DECODED, content);
  }

  private static InputStream decoder(String coding, byte[] content) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(content);
    return switch (coding) {
      case "gzip", "x-gzip" -> new GZIPInputStream(in, BUFFER_BYTES);
      case "deflate" -> new Inflated(in, new Inflater(!hasZlibHeader(content)));
      default -> throw new IOException("unknown coding");
    };
  }

  /** Many send the bare format although the coding means zlib's (RFC 9110, 8.4.1.2). */
  private static boolean hasZlibHeader(byte[] content) {
    return content.length >= 2
        && (content[0] & 0x0f) == 8
        && (((content[0] & 0xff) << 8) | (content[1] & 0xff)) % 31 == 0;
  }

  /** Gives the memory of its inflater back at once. */
  private static final class Inflated extends InflaterInputStream {
    Inflated(InputStream in, Inflater inflater) {
      super(in, inflater, BUFFER_BYTES);
    }

    @Override
    public void close() throws IOException {
      inf.end();
      super.close();
    }
  }
}
