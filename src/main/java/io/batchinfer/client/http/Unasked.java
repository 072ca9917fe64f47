package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;

/** What bytes are that came unasked, or after what was asked for. */
enum Unasked {
  /** Line ends, which some servers put behind a body. */
  LINE_ENDS,
  /**
   * A refusal by which servers and balancers say that they close an idle connection: 408, or
   * another that no request is held to.
   */
  FAREWELL,
  /** Anything else: a server that sends this may send one request the answer of another. */
  STRAY;

  private static final int STATUS_LINE_BYTES = "HTTP/1.1 408".length();

  /** Reads nothing of it. */
  static Unasked of(ByteBuf bytes) {
    int start = bytes.readerIndex();
    int length = bytes.readableBytes();
    if (bytes.forEachByte(start, length, each -> each == '\r' || each == '\n') < 0) {
      return LINE_ENDS;
    }
    if (length < STATUS_LINE_BYTES) {
      return STRAY;
    }
    String line = bytes.toString(start, STATUS_LINE_BYTES, ISO_8859_1);
    return line.matches("HTTP/1\\.[01] (408|5[0-9][0-9])") ? FAREWELL : STRAY;
  }
}
