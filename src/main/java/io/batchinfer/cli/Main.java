package io.batchinfer.cli;

import io.batchinfer.spark.SparkAtHand;

/** Where every command begins, from the start script and from {@code spark-submit}. */
public final class Main {
  private Main() {}

  /**
   * Runs a command. Ends the JVM with the command's exit code, except on Databricks: there the JVM
   * is the cluster's, and a failure is thrown instead. Success ends only a JVM of the start
   * script's, where Netty's last thread would outlive it by a second; YARN takes a driver that ends
   * its own JVM for one that failed, whatever its code.
   *
   * @throws CommandFailedException on Databricks
   */
  public static void main(String[] arguments) {
    int exitCode = BatchInfer.execute(arguments);
    if (exitCode == 0 && !OptionCommand.isStartedByScript()) {
      return;
    }
    if (SparkAtHand.here().isDatabricks()) {
      throw new CommandFailedException(exitCode);
    }
    System.exit(exitCode);
  }
}
