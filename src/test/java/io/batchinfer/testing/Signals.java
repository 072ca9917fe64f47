package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.batchinfer.testing.ForkedProcess.Finished;

/** Signals to one process by its id. */
public final class Signals {

  private Signals() {}

  /** Takes the processor away from a process until {@link #resume}, as a suspended machine does. */
  public static void stop(ProcessHandle process) {
    send("STOP", process);
  }

  /** Lets a stopped process go on. */
  public static void resume(ProcessHandle process) {
    send("CONT", process);
  }

  /** Sends any signal, named without SIG. */
  public static void send(String signal, ProcessHandle process) {
    Finished sent =
        ForkedProcess.command("kill", "-" + signal, Long.toString(process.pid())).run(LONG_ENOUGH);
    if (sent.exitCode() != 0) {
      throw new IllegalStateException("No " + signal + " to " + process + ": " + sent);
    }
  }
}
