package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real server of the S3 protocol that keeps objects in memory or on disk: s3proxy, in a JVM of
 * its own, since it has another AWS SDK than Hadoop.
 */
public final class S3Server implements AutoCloseable {

  /** What is still being written stands in this server's listings under a name of its own. */
  private static final Pattern UNFINISHED =
      Pattern.compile("-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");

  private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");

  private final ForkedProcess process;
  private final int port;

  private S3Server(ForkedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts one and returns when it takes objects.
   *
   * @param folder for its settings
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static S3Server start(Path folder) {
    return start(folder, "jclouds.provider=transient-nio2");
  }

  /** The same with a folder in which it keeps objects, as files below that of their bucket. */
  @SuppressWarnings("MustBeClosedChecker")
  public static S3Server onDisk(Path folder, Path objects) {
    return start(folder, "jclouds.provider=filesystem-nio2\njclouds.filesystem.basedir=" + objects);
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static S3Server start(Path folder, String provider) {
    try {
      int port = freePort();
      Path settings =
          Files.writeString(
              Files.createDirectories(folder).resolve("s3proxy.properties"),
              """
              s3proxy.authorization=none
              s3proxy.endpoint=http://127.0.0.1:%d
              %s
              jclouds.identity=unused
              jclouds.credential=unused
              """
                  .formatted(port, provider));
      ForkedProcess process =
          ForkedProcess.command(
                  BuiltProduct.java().toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                  "-cp",
                  BuiltProduct.s3Server() + "/*",
                  "org.gaul.s3proxy.Main",
                  "--properties",
                  settings.toString())
              .start();
      S3Server server = new S3Server(process, port);
      Eventually.await("the S3 server answers", LONG_ENOUGH, server::answers, process::stderr);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean answers() {
    if (!process.isAlive()) {
      Finished ended = process.waitFor(LONG_ENOUGH);
      throw new AssertionError("The S3 server ended: " + ended);
    }
    try {
      exchange("GET", "/", null);
      return true;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** Makes a bucket; its name has three letters at least. */
  public void makeBucket(String name) {
    put(name, new byte[0]);
  }

  /** Stores an object; its key begins with its bucket. */
  public void put(String key, byte[] content) {
    exchange("PUT", "/" + key, content);
  }

  /** The keys, each with its bucket, that begin so. */
  public List<String> keys(String prefix) {
    int slash = prefix.indexOf('/');
    String listed =
        exchange(
            "GET",
            "/" + prefix.substring(0, slash) + "?list-type=2&prefix=" + prefix.substring(slash + 1),
            null);
    return KEY.matcher(listed)
        .results()
        .map(match -> prefix.substring(0, slash + 1) + match.group(1))
        .filter(key -> !key.endsWith("/") && !UNFINISHED.matcher(key).find())
        .toList();
  }

  /** All objects whose keys begin so as one text, in order. */
  public String text(String prefix) {
    StringBuilder text = new StringBuilder();
    keys(prefix).forEach(key -> text.append(exchange("GET", "/" + key, null)));
    return text.toString();
  }

  private String exchange(String method, String path, byte @Nullable [] content) {
    try {
      HttpURLConnection connection = (HttpURLConnection) url(path).toURL().openConnection();
      connection.setRequestMethod(method);
      if (content != null) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(content);
      }
      try (InputStream in = connection.getInputStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    }
  }

  /** Where it listens. */
  public int port() {
    return port;
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
