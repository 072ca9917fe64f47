package io.batchinfer.engine.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether an engine is there: a path says that it is well, and then it has to answer a
 * request. For one thread.
 *
 * @param healthPaths paths of which one has to be answered with success, the likeliest first
 * @param request what it has to answer; empty where nobody knows a request that costs little
 * @param headers of every request, such as that with the key
 */
public record EngineProbe(
    List<String> healthPaths, Optional<Request> request, Map<String, String> headers) {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration HEALTH = Duration.ofSeconds(10);

  /** A model may be compiled for its first request. */
  private static final Duration ANSWER = Duration.ofMinutes(5);

  private static final int LONGEST_WORDS = 300;

  public EngineProbe {
    healthPaths = List.copyOf(healthPaths);
    headers = Map.copyOf(headers);
  }

  /**
   * A request.
   *
   * @param path such as {@code /v1/completions}
   * @param body JSON
   */
  public record Request(String path, String body) {}

  /**
   * What was found.
   *
   * @param well whether the engine is there
   * @param words what it said or did instead; empty where it is well
   */
  record Finding(boolean well, String words) {
    static final Finding WELL = new Finding(true, "");
  }

  /**
   * Whether it is well and answers the request.
   *
   * @param patience how long the answer is waited for, at most
   */
  Finding ready(URI root, Duration patience) {
    Finding health = health(root, patience);
    if (!health.well() || request.isEmpty()) {
      return health;
    }
    Request asked = request.get();
    try {
      Answer answer =
          send(root, asked.path(), Optional.of(asked.body()), shorter(patience, ANSWER));
      // A refusal of this very request comes from a server that is there.
      boolean answers = answer.isSuccess() || answer.status() == 400 || answer.status() == 422;
      return answers ? Finding.WELL : answer.finding(asked.path());
    } catch (IOException e) {
      return failed(asked.path(), e);
    }
  }

  /**
   * Whether it says that it is well.
   *
   * @param patience how long that is waited for, at most
   */
  Finding health(URI root, Duration patience) {
    Finding last = Finding.WELL;
    for (String path : healthPaths) {
      try {
        Answer answer = send(root, path, Optional.empty(), shorter(patience, HEALTH));
        if (answer.isSuccess()) {
          return Finding.WELL;
        }
        last = answer.finding(path);
        if (answer.status() != 404) {
          return last;
        }
      } catch (IOException e) {
        return failed(path, e);
      }
    }
    return last;
  }

  /** At least a moment, since zero means for ever. */
  private static Duration shorter(Duration one, Duration other) {
    Duration least = one.compareTo(other) < 0 ? one : other;
    return least.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : least;
  }

  private static Finding failed(String path, IOException e) {
    return new Finding(false, path + " was not answered (" + e.getMessage() + ")");
  }

  private record Answer(int status, String body) {
    boolean isSuccess() {
      return status >= 200 && status < 300;
    }

    Finding finding(String path) {
      return new Finding(false, path + " was answered with " + status + " " + body);
    }
  }

  private Answer send(URI root, String path, Optional<String> body, Duration patience)
      throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) root.resolve(path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout((int) CONNECT.toMillis());
    connection.setReadTimeout((int) patience.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    headers.forEach(connection::setRequestProperty);
    // A process that is ended soon after is not to find a connection that it knows.
    connection.setRequestProperty("Connection", "close");
    try {
      if (body.isPresent()) {
        byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(bytes.length);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(bytes);
        }
      }
      int status = connection.getResponseCode();
      return new Answer(status, status >= 400 ? beginning(connection.getErrorStream()) : "");
    } finally {
      connection.disconnect();
    }
  }

  private static String beginning(@Nullable InputStream body) throws IOException {
    if (body == null) {
      return "";
    }
    return new String(body.readNBytes(LONGEST_WORDS), StandardCharsets.UTF_8)
        .replaceAll("\\s+", " ")
        .strip();
  }
}
