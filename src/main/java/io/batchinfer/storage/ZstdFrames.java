package io.batchinfer.storage;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The plain content of any number of Zstandard frames. Unlike the library's own stream it notices
 * that a frame after the first is cut off. Not thread-safe.
 */
final class ZstdFrames extends InputStream {
  private static final int BUFFER = 1 << 17;

  private final InputStream in;
  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private final byte[] chunk = new byte[BUFFER];
  private final ByteBuffer compressed = ByteBuffer.allocateDirect(BUFFER).limit(0);
  private final ByteBuffer plain = ByteBuffer.allocateDirect(BUFFER).limit(0);
  private boolean betweenFrames = true;
  private boolean closed;

  ZstdFrames(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    return fill() ? plain.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, plain.remaining());
    plain.get(target, offset, count);
    return count;
  }

  /** Whether there is plain content; decompresses until there is. */
  private boolean fill() throws IOException {
    while (!plain.hasRemaining()) {
      boolean inputLeft = compressed.hasRemaining() || more();
      if (!inputLeft && betweenFrames) {
        return false;
      }
      plain.clear();
      decompress();
      plain.flip();
      if (!inputLeft && !plain.hasRemaining()) {
        throw new EOFException("the file ends in the middle of a Zstandard frame");
      }
    }
    return true;
  }

  private boolean more() throws IOException {
    int count = in.read(chunk, 0, chunk.length);
    if (count <= 0) {
      return false;
    }
    compressed.clear();
    compressed.put(chunk, 0, count).flip();
    return true;
  }

  private void decompress() throws IOException {
    try {
      betweenFrames = context.decompressDirectByteBufferStream(plain, compressed);
    } catch (ZstdException e) {
      throw new IOException("the file is not valid Zstandard: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      context.close();
      in.close();
    }
  }
}
