package io.batchinfer.report;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The last line of a terminal, which changes in place while other lines are written above it.
 * Thread-safe.
 */
final class LiveLine implements AutoCloseable {
  private static final int UPDATE_MILLIS = 200;

  private final PrintWriter err;
  private final ProgressLine line = new ProgressLine();

  @GuardedBy("this")
  private @Nullable ProgressBar bar;

  /**
   * @param err the terminal, which is also the process's standard error
   */
  LiveLine(PrintWriter err) {
    this.err = err;
  }

  /** Shows how far a job is, the weightiest facts first. */
  synchronized void show(Pace pace, List<String> facts) {
    line.show(pace.percent(), facts);
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          new ProgressBarBuilder()
              .setInitialMax(pace.total())
              .setUpdateIntervalMillis(UPDATE_MILLIS)
              .setRenderer(line)
              // The usual one moves the cursor up and overwrites what was said below the bar.
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .clearDisplayOnFinish()
              .startsFrom(pace.settled(), Duration.ZERO)
              .build();
      bar = shown;
    }
    shown.stepTo(pace.settled());
  }

  /** Writes a line above. */
  synchronized void say(String message) {
    if (bar != null) {
      err.print("\r" + " ".repeat(line.shownWidth() + ProgressLine.CTRL_C) + "\r");
    }
    err.println(message);
    err.flush();
  }

  /** Takes the line away, so that what follows stands in its place. */
  @Override
  public synchronized void close() {
    ProgressBar shown = bar;
    bar = null;
    if (shown != null) {
      shown.close();
    }
  }
}
