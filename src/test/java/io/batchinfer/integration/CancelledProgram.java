package io.batchinfer.integration;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;

/**
 * A client of Spark Connect that answers a table and calls it off once it is told to: it takes a
 * folder, the endpoint, the server, and a port at which a byte comes when it is time.
 */
public final class CancelledProgram {
  static final int ROWS = 200;

  private CancelledProgram() {}

  /** Prints how the call ended. */
  public static void main(String[] arguments) {
    SparkSession session = SparkSession.builder().remote(arguments[2]).getOrCreate();
    Thread canceller =
        new Thread(
            () -> {
              awaitByte(Integer.parseInt(arguments[3]));
              session.interruptAll();
            });
    canceller.setDaemon(true);
    canceller.start();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try {
      session
          .range(0, ROWS, 1, 4)
          .selectExpr("id", "concat('text ', id) as text")
          .write()
          .format("batchinfer")
          .mode("append")
          .option("key", "id")
          .option("prompt", "Say {text}")
          .option("model", "m")
          .option("concurrency", "8")
          .option("base_url", arguments[1])
          .save(arguments[0]);
      out.println("ended = completed");
    } catch (Exception e) {
      out.println("ended = " + e.getMessage());
    }
    session.stop();
  }

  private static void awaitByte(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        InputStream in = socket.getInputStream()) {
      int unused = in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
