package io.batchinfer.integration;

import io.batchinfer.BatchInference;
import io.batchinfer.BatchInferenceException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;

/** A user's program that takes the class for Java to a server of Spark Connect. */
public final class ConnectedProgram {
  private ConnectedProgram() {}

  /** Takes the server and a folder that no run comes to. */
  public static void main(String[] arguments) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    SparkSession session = SparkSession.builder().remote(arguments[0]).getOrCreate();
    try {
      BatchInference.on(session.range(3).toDF())
          .prompt("Say {id}")
          .option("simulate", true)
          .output(arguments[1])
          .run();
      out.println("it ran");
    } catch (BatchInferenceException e) {
      out.println(e.code() + " " + e.exitCode() + ": " + e.getMessage());
    }
    session.stop();
  }
}
