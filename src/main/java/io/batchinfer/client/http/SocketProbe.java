package io.batchinfer.client.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Looks into the socket of an idle connection just before it is used, since the event loop may not
 * have come to what is there: the end of the connection, or bytes that would be taken for the
 * answer. Sees nothing where the transport is not the native one. Confined to one event loop.
 */
final class SocketProbe {
  private static final int LOOK_BYTES = 16;

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(LOOK_BYTES);

  /** What was there; bytes are consumed, so that only {@link #NOTHING} leaves it usable. */
  enum Finding {
    NOTHING,
    END,
    STRAY_BYTES,
    OTHER_BYTES
  }

  Finding look(Channel channel) {
    if (!(channel instanceof UnixChannel unix)) {
      return Finding.NOTHING;
    }
    try {
      int count = unix.fd().read(bytes, 0, LOOK_BYTES);
      return count == 0 ? Finding.NOTHING : count < 0 ? Finding.END : ofBytes(count);
    } catch (IOException broken) {
      return Finding.END;
    }
  }

  private Finding ofBytes(int count) {
    ByteBuf found = Unpooled.wrappedBuffer(bytes.duplicate().limit(count));
    return Unasked.of(found) == Unasked.STRAY ? Finding.STRAY_BYTES : Finding.OTHER_BYTES;
  }
}
