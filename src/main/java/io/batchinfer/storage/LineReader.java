package io.batchinfer.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads physical lines as bytes. Only LF ends a line; a CR before it and a byte order mark at the
 * start of the file do not belong to the line. The bytes of a line are valid until the next call.
 * Not thread-safe.
 */
public final class LineReader implements AutoCloseable {
  private static final int INITIAL_BUFFER = 1 << 18;

  /** Bytes that may stand around a line: a byte order mark and a CR. */
  private static final int NOT_OF_THE_LINE = 4;

  private final InputStream in;
  private final int maxLineBytes;
  private final boolean fromStartOfFile;
  private byte[] buffer = new byte[INITIAL_BUFFER];
  private int filled;
  private int position;
  private boolean endOfInput;
  private long bufferOffset;
  private int lineStart;
  private int lineLength;
  private long lineOffset;
  private long nextLineOffset;
  private boolean tooLong;

  /**
   * @param offset where in its file the stream begins, in bytes
   * @param maxLineBytes longer lines are skipped over and reported by {@link #tooLong}
   */
  public LineReader(InputStream in, long offset, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
    this.bufferOffset = offset;
    this.nextLineOffset = offset;
    this.fromStartOfFile = offset == 0;
  }

  /** Goes on to the next line; false at the end of the input. */
  public boolean next() throws IOException {
    tooLong = false;
    lineOffset = nextLineOffset;
    int scanned = position;
    while (true) {
      int lineFeed = indexOfLineFeed(scanned);
      if (lineFeed >= 0) {
        setLine(lineFeed, lineFeed + 1);
        return true;
      }
      scanned = filled;
      if (endOfInput) {
        if (position == filled && !tooLong) {
          return false;
        }
        setLine(filled, filled);
        return true;
      }
      if (filled - position - NOT_OF_THE_LINE > maxLineBytes) {
        tooLong = true;
        dropBuffered();
        scanned = position;
      }
      int moved = position;
      fill();
      scanned -= moved - position;
    }
  }

  private int indexOfLineFeed(int from) {
    for (int i = from; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void setLine(int end, int nextPosition) {
    lineStart = position;
    int lineEnd = end;
    if (lineEnd > lineStart && buffer[lineEnd - 1] == '\r') {
      lineEnd--;
    }
    if (fromStartOfFile
        && lineOffset == 0
        && lineEnd - lineStart >= 3
        && buffer[lineStart] == (byte) 0xef
        && buffer[lineStart + 1] == (byte) 0xbb
        && buffer[lineStart + 2] == (byte) 0xbf) {
      lineStart += 3;
    }
    lineLength = lineEnd - lineStart;
    if (lineLength > maxLineBytes) {
      tooLong = true;
    }
    position = nextPosition;
    nextLineOffset = bufferOffset + nextPosition;
  }

  private void dropBuffered() {
    bufferOffset += filled;
    position = 0;
    filled = 0;
  }

  private void fill() throws IOException {
    if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, filled - position);
      bufferOffset += position;
      filled -= position;
      position = 0;
    }
    if (filled == buffer.length) {
      buffer =
          Arrays.copyOf(buffer, (int) Math.min((long) buffer.length * 2, Integer.MAX_VALUE - 64L));
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read < 0) {
      endOfInput = true;
    } else {
      filled += read;
    }
  }

  /** The array that holds the line. */
  public byte[] bytes() {
    return buffer;
  }

  public int start() {
    return lineStart;
  }

  /** Bytes of the line without its end; meaningless when {@link #tooLong}. */
  public int length() {
    return lineLength;
  }

  /** Bytes from {@link #start} to the next line: the line with its CR and LF, where it has them. */
  public int lengthWithEnd() {
    return position - lineStart;
  }

  /** Offset in the file of the line's first byte. */
  public long offset() {
    return lineOffset;
  }

  /** Offset in the file of the first byte after the line's end. */
  public long endOffset() {
    return nextLineOffset;
  }

  public boolean tooLong() {
    return tooLong;
  }

  /** Whether the line holds nothing but spaces and tabs. */
  public boolean isBlank() {
    if (tooLong) {
      return false;
    }
    for (int i = lineStart; i < lineStart + lineLength; i++) {
      byte b = buffer[i];
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
