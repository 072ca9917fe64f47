package io.batchinfer.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.proof.ResultFollower;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Writes rows so that whoever reads them never finds half a line, even when Ctrl-C or SIGTERM ends
 * the process in between: the end of the process waits for a write that is under way, a few seconds
 * where the reader does not read, and no other begins.
 */
final class WholeLines implements ResultFollower.Sink, AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int PRIORITY = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final ReentrantLock writing = new ReentrantLock();
  private final OutputStream out;
  private final Thread hook = new Thread(this::endWriting, "batchinfer-whole-lines");

  @GuardedBy("writing")
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream(BUFFER);

  @GuardedBy("writing")
  private boolean ended;

  /**
   * @param out is written in large pieces of whole lines; it is closed with this
   */
  WholeLines(OutputStream out) {
    this.out = out;
    ShutdownHookManager.get()
        .addShutdownHook(
            hook, PRIORITY, PATIENCE.multipliedBy(2).toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void row(byte[] line) throws IOException {
    writing.lock();
    try {
      lines.writeBytes(line);
      if (lines.size() >= BUFFER) {
        write();
      }
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void pause() throws IOException {
    writing.lock();
    try {
      write();
    } finally {
      writing.unlock();
    }
  }

  @GuardedBy("writing")
  private void write() throws IOException {
    if (lines.size() > 0 && !ended) {
      lines.writeTo(out);
      out.flush();
    }
    lines.reset();
  }

  /** Writes what is there to be written, and lets no other write begin. */
  void endWriting() {
    try {
      if (!writing.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      try {
        write();
        ended = true;
      } finally {
        writing.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // Nobody reads any more, and the process ends.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
    out.close();
  }
}
