package io.batchinfer.testing;

import io.batchinfer.testing.ForkedProcess.Finished;
import java.time.Duration;

/** Signals to one process by its id. */
public final class Signals {
  private static final Duration TO_SEND = Duration.ofSeconds(10);

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
        ForkedProcess.command("kill", "-" + signal, Long.toString(process.pid())).run(TO_SEND);
    if (sent.exitCode() != 0) {
      throw new IllegalStateException("No " + signal + " to " + process + ": " + sent);
    }
  }
}
