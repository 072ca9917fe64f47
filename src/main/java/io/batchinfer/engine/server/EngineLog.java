package io.batchinfer.engine.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What an engine prints, without secrets: its first and its last bytes, and its last lines.
 * Thread-safe.
 */
final class EngineLog {
  private static final int LAST_LINES = 200;
  private static final int LONGEST_SHOWN_LINE = 500;
  private static final int MOST_HEAD = 1 << 20;
  private static final int MOST_TAIL = 1 << 20;

  private final UnaryOperator<String> mask;

  @GuardedBy("this")
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();

  @GuardedBy("this")
  private final Deque<byte[]> tail = new ArrayDeque<>();

  @GuardedBy("this")
  private final Deque<String> last = new ArrayDeque<>();

  @GuardedBy("this")
  private int tailBytes;

  @GuardedBy("this")
  private long leftOut;

  @GuardedBy("this")
  private long written;

  @GuardedBy("this")
  private boolean closed;

  /**
   * @param mask takes secrets out of a line
   */
  EngineLog(UnaryOperator<String> mask) {
    this.mask = mask;
  }

  /** Takes a line, without its end. */
  void add(String line) {
    String masked = mask.apply(line);
    byte[] bytes = (masked + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (this) {
      if (closed) {
        return;
      }
      last.addLast(masked);
      if (last.size() > LAST_LINES) {
        last.removeFirst();
      }
      written += bytes.length;
      if (head.size() + bytes.length <= MOST_HEAD && tail.isEmpty()) {
        head.writeBytes(bytes);
        return;
      }
      tail.addLast(bytes);
      tailBytes += bytes.length;
      while (tailBytes > MOST_TAIL) {
        int length = tail.removeFirst().length;
        tailBytes -= length;
        leftOut += length;
      }
    }
  }

  /** Takes nothing any more: what is printed from now on is none of this log's business. */
  synchronized void close() {
    closed = true;
  }

  /** The last lines, at most 200, each cut to a length that can be read. */
  synchronized List<String> lastLines() {
    return last.stream()
        .map(
            line ->
                line.length() <= LONGEST_SHOWN_LINE
                    ? line
                    : line.substring(0, LONGEST_SHOWN_LINE) + "…")
        .toList();
  }

  /** Bytes taken so far, which tells whether there is anything new. */
  synchronized long size() {
    return written;
  }

  /** All that is kept, with a word on what is left out in its middle. */
  synchronized byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream(head.size() + tailBytes + 64);
    all.writeBytes(head.toByteArray());
    if (leftOut > 0) {
      all.writeBytes(
          "… %d bytes are left out …%n".formatted(leftOut).getBytes(StandardCharsets.UTF_8));
    }
    tail.forEach(all::writeBytes);
    return all.toByteArray();
  }
}
