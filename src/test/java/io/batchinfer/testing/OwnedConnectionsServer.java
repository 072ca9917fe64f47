package io.batchinfer.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.batchinfer.time.SystemTime;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on the loopback interface that gives a connection one of its few threads until it has
 * been idle for five seconds or had 100 requests; further connections are accepted and left lying.
 * So do llama.cpp (cpp-httplib), Apache prefork and gunicorn with threads.
 */
public final class OwnedConnectionsServer implements AutoCloseable {
  private static final int IDLE_MILLIS = 5_000;
  private static final int REQUESTS_PER_CONNECTION = 100;
  private static final byte[] BODY =
      "{\"choices\":[{\"message\":{\"content\":\"ok\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}"
          .getBytes(ISO_8859_1);

  private final ServerSocket listener;
  private final SystemTime time = new SystemTime("owned-connections-time");
  private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Semaphore slots;
  private final Duration service;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger unread = new AtomicInteger();
  private final AtomicInteger mostUnread = new AtomicInteger();

  /**
   * @param threads connections that it serves at once
   * @param slots requests that it works on at once
   * @param service how long it works on each
   */
  public OwnedConnectionsServer(int threads, int slots, Duration service) throws IOException {
    this.listener = new ServerSocket(0, 4_096, InetAddress.getLoopbackAddress());
    this.slots = new Semaphore(slots, true);
    this.service = service;
    daemon(this::acceptAll);
    for (int i = 0; i < threads; i++) {
      daemon(this::serveAll);
    }
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  public int answered() {
    return answered.get();
  }

  public int connections() {
    return connections.get();
  }

  /** Most connections that lay unread at once. */
  public int mostUnread() {
    return mostUnread.get();
  }

  private void acceptAll() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        connections.incrementAndGet();
        open.add(socket);
        mostUnread.accumulateAndGet(unread.incrementAndGet(), Math::max);
        accepted.add(socket);
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serveAll() {
    try {
      while (!listener.isClosed()) {
        Socket socket = accepted.take();
        unread.decrementAndGet();
        try (socket) {
          serve(socket);
        } catch (SocketTimeoutException idle) {
          // Its thread is wanted elsewhere.
        } catch (IOException gone) {
          // So is that of a client that has gone.
        }
        open.remove(socket);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Socket socket) throws IOException, InterruptedException {
    socket.setSoTimeout(IDLE_MILLIS);
    InputStream in = new BufferedInputStream(socket.getInputStream());
    for (int request = 1; request <= REQUESTS_PER_CONNECTION && readRequest(in); request++) {
      slots.acquire();
      time.pause(service);
      slots.release();
      String close = request == REQUESTS_PER_CONNECTION ? "Connection: close\r\n" : "";
      String head =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
              .formatted(BODY.length, close);
      byte[] bytes = (head + new String(BODY, ISO_8859_1)).getBytes(ISO_8859_1);
      answered.incrementAndGet();
      socket.getOutputStream().write(bytes);
    }
  }

  /** Reads one request; false at the end of the connection. */
  private static boolean readRequest(InputStream in) throws IOException {
    int length = 0;
    StringBuilder line = new StringBuilder();
    while (true) {
      int next = in.read();
      if (next < 0) {
        return false;
      }
      if (next != '\n') {
        line.append((char) next);
        continue;
      }
      String text = line.toString().trim();
      line.setLength(0);
      if (text.isEmpty()) {
        return in.readNBytes(length).length == length;
      }
      if (text.regionMatches(true, 0, "content-length:", 0, 15)) {
        length = Integer.parseInt(text.substring(15).trim());
      }
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "owned-connections");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } finally {
      time.close();
    }
  }
}
