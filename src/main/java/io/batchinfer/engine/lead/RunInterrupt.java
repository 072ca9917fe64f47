package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.Unexpected;
import io.batchinfer.model.ErrorCode;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets another thread end a run early. Thread-safe. */
public final class RunInterrupt {
  private static final Logger LOG = LoggerFactory.getLogger(RunInterrupt.class);

  /** What a run says that was interrupted. */
  public static final String INTERRUPTED =
      "Interrupted. What was answered is saved; the same command goes on where this one stopped.";

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile int exitCode;

  @GuardedBy("this")
  private Runnable whenInterrupted = () -> {};

  /** Only touched by the run's own thread. */
  private boolean threadInterrupted;

  /** Asks the run to drain and return; the first request counts. */
  public void interrupt(int code) {
    Runnable listener;
    synchronized (this) {
      if (exitCode == 0) {
        exitCode = code;
      }
      listener = whenInterrupted;
    }
    listener.run();
  }

  /** From now on, or at once, an interrupt runs that; it takes the place of what it ran before. */
  public void whenInterrupted(Runnable listener) {
    synchronized (this) {
      whenInterrupted = listener;
      if (exitCode == 0) {
        return;
      }
    }
    listener.run();
  }

  /**
   * Takes an interrupt of the run's own thread for one of the run: a notebook's cancel comes that
   * way. The thread goes on without it, since it has things to save, and gets it back with {@link
   * #restoreInterrupt}.
   *
   * @return whether there was one
   */
  public boolean hearInterrupt() {
    boolean heard = Thread.interrupted();
    if (heard) {
      threadInterrupted = true;
      interrupt(ErrorCode.INTERRUPTED.exitCode());
    }
    return heard;
  }

  /** As above, of an interrupt that was thrown. */
  public void heardInterrupt() {
    threadInterrupted = true;
    interrupt(ErrorCode.INTERRUPTED.exitCode());
  }

  /**
   * Whether a file operation failed since its thread was interrupted, which may not show any more.
   */
  public static boolean isOfInterrupt(Throwable thrown) {
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClosedByInterruptException
          || (cause instanceof InterruptedIOException
              && !(cause instanceof SocketTimeoutException))) {
        return true;
      }
    }
    return false;
  }

  /** For the end of the run, on its own thread. */
  public void restoreInterrupt() {
    if (threadInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the run with that cause; the first one counts. */
  public void broke(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      LOG.error("The run ends: {}", Unexpected.words(cause));
    }
  }

  /** Why the run cannot go on, or null. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  public boolean isInterrupted() {
    return exitCode != 0;
  }

  int exitCode() {
    return exitCode;
  }
}
