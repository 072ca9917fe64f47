package io.batchinfer.cli;

import java.io.PrintWriter;
import org.apache.hadoop.util.ShutdownHookManager;

/** Ends the line that changes in place when Ctrl-C ends the process. */
final class LineEndHook implements AutoCloseable {
  private static final int PRIORITY = 1;

  private final Thread hook;

  /**
   * @param live whether there is such a line
   */
  LineEndHook(PrintWriter err, boolean live) {
    hook =
        new Thread(
            () -> {
              if (live) {
                err.println();
                err.flush();
              }
            },
            "batchinfer-line-end");
    ShutdownHookManager.get().addShutdownHook(hook, PRIORITY);
  }

  @Override
  public void close() {
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
