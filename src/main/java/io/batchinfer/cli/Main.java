package io.batchinfer.cli;

/** Where every command begins, from the start script and from {@code spark-submit}. */
public final class Main {
  private Main() {}

  /**
   * Runs a command. Ends the JVM with the command's exit code, except where the JVM is not ours: in
   * a JVM that Spark or a notebook started, a failure is thrown instead.
   */
  public static void main(String[] arguments) {
    int exitCode = BatchInfer.execute(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }
}
