package io.batchinfer.cli;

/** A command that failed in a JVM which is not ours to end. What it said is on standard error. */
final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandFailedException(int exitCode) {
    super(
        "batchinfer ended with exit code %d; its last lines on standard error say why."
            .formatted(exitCode));
  }
}
