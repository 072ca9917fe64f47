package io.batchinfer.spark;

/** Lets another thread end a run. Thread-safe. */
final class RunControl {
  private volatile int exitCode;

  /** Asks the run to drain and return; the first request counts. */
  void interrupt(int code) {
    if (exitCode == 0) {
      exitCode = code;
    }
  }

  boolean isInterrupted() {
    return exitCode != 0;
  }

  int exitCode() {
    return exitCode;
  }
}
