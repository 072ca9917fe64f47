package io.batchinfer.form;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Moves the cuts between the chunks of a form to where Netty's decoder reads on correctly, by
 * holding the last bytes of a chunk back until more has come.
 *
 * <p>Two kinds of cut mislead the decoder. Between the CR and the LF of a delimiter, the CR becomes
 * content (<a href="https://github.com/netty/netty/issues/17383">netty#17383</a>, in 4.2.13 up to
 * at least 4.2.20). Within a line, before dashes, content that looks like a delimiter without its
 * line break is taken for one.
 */
final class Recut {
  /** No boundary begins with as many dashes, so that a run of more is content, cut anywhere. */
  private static final int MOST_HELD = 1024;

  private byte[] held = {};

  /** What may be decoded now of all that came so far; maybe nothing. */
  ByteBuf next(ByteBuf chunk) {
    if (!chunk.isReadable()) {
      return Unpooled.EMPTY_BUFFER;
    }
    ByteBuf all =
        held.length == 0 ? chunk : Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(held), chunk);
    int cut = cut(all);
    held = ByteBufUtil.getBytes(all, cut, all.writerIndex() - cut);
    return all.slice(all.readerIndex(), cut - all.readerIndex());
  }

  /** What is left when nothing more comes. */
  ByteBuf rest() {
    ByteBuf rest = Unpooled.wrappedBuffer(held);
    held = new byte[0];
    return rest;
  }

  /** The last place for a cut; the byte after it has come already. */
  private static int cut(ByteBuf all) {
    int cut = all.writerIndex() - 1;
    while (cut > all.readerIndex()
        && all.writerIndex() - cut < MOST_HELD
        && misleadsBefore(all, cut)) {
      cut--;
    }
    return cut;
  }

  private static boolean misleadsBefore(ByteBuf all, int at) {
    byte next = all.getByte(at);
    return next == '-' || (next == '\n' && all.getByte(at - 1) == '\r');
  }
}
