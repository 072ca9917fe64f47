package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server of Spark Connect on this machine, started by Spark's own submission with the job jar as
 * a user would give it, and programs that are its clients, each a JVM of its own without Spark.
 */
public final class ConnectServer implements AutoCloseable {
  private static final String SUBMIT = "org.apache.spark.deploy.SparkSubmit";
  private static final String SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer";

  private final ForkedProcess process;
  private final int port;

  private ConnectServer(ForkedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts a server with two cores, and returns when it listens. */
  @SuppressWarnings("MustBeClosedChecker")
  public static ConnectServer start(Path directory) {
    int port = freePort();
    Path home = BuiltProduct.connectHome();
    List<String> words = jvm(home.resolve("conf") + ":" + home.resolve("jars") + "/*");
    words.addAll(List.of(SUBMIT, "--master", "local[2]", "--driver-memory", "1g"));
    words.addAll(List.of("--conf", "spark.ui.enabled=false"));
    words.addAll(List.of("--conf", "spark.sql.warehouse.dir=" + directory.resolve("warehouse")));
    words.addAll(List.of("--conf", "spark.connect.grpc.binding.address=127.0.0.1"));
    words.addAll(List.of("--conf", "spark.connect.grpc.binding.port=" + port));
    words.addAll(List.of("--jars", BuiltProduct.jobJar().toAbsolutePath().toString()));
    words.addAll(List.of("--class", SERVER, "spark-internal"));
    ForkedProcess process =
        ForkedProcess.command(words)
            .with("SPARK_HOME", home.toString())
            .with("SPARK_SCALA_VERSION", "2.13")
            .with("SPARK_LOCAL_IP", "127.0.0.1")
            .without("SPARK_CONF_DIR")
            .in(directory)
            .start();
    ConnectServer server = new ConnectServer(process, port);
    try {
      Eventually.await("the server listens", LONG_ENOUGH, server::listens, process::stderr);
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
    return server;
  }

  private boolean listens() {
    if (!process.isAlive()) {
      throw new AssertionError("The server ended: " + process.waitFor(LONG_ENOUGH));
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** What a client connects to. */
  public String url() {
    return "sc://127.0.0.1:" + port;
  }

  /**
   * Starts a program of the tests that has nothing but Spark Connect on its class path.
   *
   * @param more jars that it has all the same
   */
  public ForkedProcess startClient(
      Class<?> program, Path directory, List<String> arguments, Path... more) throws IOException {
    StringBuilder classPath = new StringBuilder(ClassJar.of(program, directory).toString());
    for (Path jar : more) {
      classPath.append(':').append(jar);
    }
    List<String> words = jvm(classPath + ":" + BuiltProduct.connectClient() + "/jars/*");
    words.add(program.getName());
    words.addAll(arguments);
    return ForkedProcess.command(words).in(directory).start();
  }

  private static List<String> jvm(String classPath) {
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.java().toString());
    words.addAll(BuiltProduct.sparkJvmFlags());
    words.addAll(List.of("-cp", classPath));
    return words;
  }

  /** What the server has written so far. */
  public String log() {
    return process.stderr();
  }

  @Override
  public void close() {
    process.close();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
