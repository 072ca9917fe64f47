package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on the loopback interface that treats every connection as the test says, byte by byte.
 */
final class RawServer implements AutoCloseable {
  /** What happens on one connection, which is closed afterwards. */
  @FunctionalInterface
  interface Script {
    void run(Socket socket) throws IOException, InterruptedException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();
  final List<String> requests = new CopyOnWriteArrayList<>();

  private RawServer(ServerSocket listener, Script script) {
    this.listener = listener;
    this.script = script;
  }

  static RawServer running(Script script) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    RawServer server = new RawServer(listener, script);
    daemon(server::acceptAll);
    return server;
  }

  /** Answers every request of every connection with the same bytes. */
  static RawServer answering(String answer) throws IOException {
    return answering(answer.getBytes(ISO_8859_1));
  }

  static RawServer answering(byte[] answer) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    RawServer[] self = new RawServer[1];
    self[0] =
        new RawServer(
            listener,
            socket -> {
              for (String request = readRequest(socket.getInputStream());
                  !request.isEmpty();
                  request = readRequest(socket.getInputStream())) {
                self[0].requests.add(request);
                socket.getOutputStream().write(answer);
                socket.getOutputStream().flush();
              }
            });
    daemon(self[0]::acceptAll);
    return self[0];
  }

  static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port());
  }

  int port() {
    return listener.getLocalPort();
  }

  int accepted() {
    return accepted.get();
  }

  /** Head and body of the next request, empty at the end of the connection. */
  static String readRequest(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      bytes.write(next);
    }
    String head = bytes.toString(ISO_8859_1);
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        int length = Integer.parseInt(line.substring("content-length:".length()).trim());
        bytes.writeBytes(in.readNBytes(length));
      }
    }
    return bytes.toString(ISO_8859_1);
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        accepted.incrementAndGet();
        daemon(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.run(socket);
    } catch (IOException gone) {
      sockets.remove(socket);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
