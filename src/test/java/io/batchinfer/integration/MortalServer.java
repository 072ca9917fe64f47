package io.batchinfer.integration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A chat server on the loopback interface that dies when it reads a request with the word "killer":
 * all connections break, whatever is under way on them, nobody listens for a while, and then the
 * same port is served again. What it was sent and what it took along is counted by the row's
 * number, which its request holds as {@code "row 17"}.
 */
final class MortalServer implements AutoCloseable {
  private static final Pattern ROW = Pattern.compile("row (\\d+)");
  private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d+)");

  private final int port;
  private final long answerMillis;
  private final long downMillis;
  private final ExecutorService connections = Executors.newCachedThreadPool(MortalServer::daemon);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(MortalServer::daemon);
  private final Map<Integer, Integer> received = new TreeMap<>();
  private final Map<Integer, Integer> takenAlong = new TreeMap<>();
  private final Set<Socket> sockets = new HashSet<>();
  private final List<Integer> underWay = new ArrayList<>();

  /** Holds the port, without listening, before it is first served. */
  private final Socket reserved = new Socket();

  private @Nullable ServerSocket listener;
  private int deaths;
  private boolean closed;

  /** Has a port of its own, which refuses connections until it is to {@link #listen}. */
  MortalServer(long answerMillis, long downMillis) throws IOException {
    this.answerMillis = answerMillis;
    this.downMillis = downMillis;
    reserved.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    this.port = reserved.getLocalPort();
  }

  /** One that listens at once. */
  static MortalServer listening(long answerMillis, long downMillis) throws IOException {
    MortalServer server = new MortalServer(answerMillis, downMillis);
    server.listen();
    return server;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "mortal-server");
    thread.setDaemon(true);
    return thread;
  }

  String baseUrl() {
    return "http://127.0.0.1:" + port;
  }

  synchronized int deaths() {
    return deaths;
  }

  synchronized int timesReceived(int row) {
    return received.getOrDefault(row, 0);
  }

  /** How often it died while that row was under way. */
  synchronized int timesTakenAlong(int row) {
    return takenAlong.getOrDefault(row, 0);
  }

  private void acceptAll(ServerSocket from) {
    connections.execute(
        () -> {
          try {
            while (true) {
              Socket socket = from.accept();
              if (!admit(socket, from)) {
                socket.close();
              }
            }
          } catch (IOException e) {
            // It died, or the test is over.
          }
        });
  }

  private synchronized boolean admit(Socket socket, ServerSocket from) {
    if (from != listener || from.isClosed()) {
      return false;
    }
    sockets.add(socket);
    connections.execute(() -> serve(socket));
    return true;
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        String request = read(in);
        int row = rowOf(request);
        if (!begin(socket, row, request.contains("killer"))) {
          return;
        }
        var unused = timer.schedule(() -> answer(socket, row), answerMillis, TimeUnit.MILLISECONDS);
      }
    } catch (IOException e) {
      // The other side has closed the connection, or it died.
    }
  }

  private static int rowOf(String request) {
    Matcher row = ROW.matcher(request);
    if (!row.find()) {
      throw new IllegalStateException("a request without a row: " + request);
    }
    return Integer.parseInt(row.group(1));
  }

  private synchronized boolean begin(Socket socket, int row, boolean kills) {
    if (!sockets.contains(socket)) {
      return false;
    }
    received.merge(row, 1, Integer::sum);
    underWay.add(row);
    if (kills) {
      die();
      return false;
    }
    return true;
  }

  private void die() {
    deaths++;
    underWay.forEach(row -> takenAlong.merge(row, 1, Integer::sum));
    underWay.clear();
    close(listener);
    sockets.forEach(MortalServer::close);
    sockets.clear();
    var unused = timer.schedule(this::listen, downMillis, TimeUnit.MILLISECONDS);
  }

  private static void close(@Nullable AutoCloseable what) {
    try {
      if (what != null) {
        what.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Serves the port, if it does not already. */
  synchronized void listen() {
    if (closed || (listener != null && !listener.isClosed())) {
      return;
    }
    try {
      reserved.close();
      ServerSocket again = new ServerSocket();
      again.setReuseAddress(true);
      again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 256);
      listener = again;
      acceptAll(again);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(Socket socket, int row) {
    synchronized (this) {
      if (!sockets.contains(socket)) {
        return;
      }
      underWay.remove((Integer) row);
    }
    String body =
        "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"row %d\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}"
            .formatted(row);
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body);
    try {
      socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // It died meanwhile.
    }
  }

  private static String read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    Matcher length = LENGTH.matcher(head.toString().toLowerCase(Locale.ROOT));
    int bytes = length.find() ? Integer.parseInt(length.group(1)) : 0;
    return new String(in.readNBytes(bytes), ISO_8859_1);
  }

  @Override
  public synchronized void close() {
    closed = true;
    close(reserved);
    close(listener);
    sockets.forEach(MortalServer::close);
    timer.shutdownNow();
    connections.shutdownNow();
  }
}
