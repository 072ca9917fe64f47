package io.batchinfer.service;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A client that sends whatever bytes it is told to, and reads answers strictly. */
final class RawConnection implements AutoCloseable {
  private static final int PATIENCE_MILLIS = (int) LONG_ENOUGH.toMillis();

  private final Socket socket;
  private final InputStream in;

  RawConnection(int port) throws IOException {
    this(port, 0);
  }

  /**
   * @param receiveBuffer bytes that are taken without being read; 0 for what the system likes
   */
  RawConnection(int port, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** A connection that encrypts, and that trusts whatever the context does. */
  RawConnection(int port, SSLContext tls) throws IOException {
    InetAddress host = InetAddress.getLoopbackAddress();
    socket = tls.getSocketFactory().createSocket(host, port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** An answer, as it came. */
  record Answer(int status, String head, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }
  }

  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Each character is one byte. */
  void send(String text) throws IOException {
    send(latin(text));
  }

  /** Sends as long as the service takes it; false where it broke the connection. */
  boolean trySend(byte[] bytes) {
    try {
      send(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether something has come that was not read yet. */
  boolean isAnswered() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until an answer begins, without taking it; false where the connection ends instead. */
  boolean begins() throws IOException {
    in.mark(1);
    try {
      boolean begins = in.read() >= 0;
      in.reset();
      return begins;
    } catch (java.net.SocketException reset) {
      return false;
    }
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** The next answer; empty where the connection ended instead. */
  Optional<Answer> answer(boolean bodyless) throws IOException {
    while (true) {
      @Nullable String head = head();
      if (head == null) {
        return Optional.empty();
      }
      List<String> lines = head.strip().lines().toList();
      int status = Integer.parseInt(lines.get(0).split(" ", 3)[1]);
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String line : lines.subList(1, lines.size())) {
        int colon = line.indexOf(':');
        headers.merge(line.substring(0, colon), line.substring(colon + 1).strip(), (a, b) -> a + b);
      }
      if (status >= 200) {
        byte[] body = bodyless || status == 204 || status == 304 ? new byte[0] : body(headers);
        return Optional.of(new Answer(status, head, headers, body));
      }
    }
  }

  Answer answer() throws IOException {
    return answer(false).orElseThrow(() -> new EOFException("the connection ended unanswered"));
  }

  private @Nullable String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (true) {
      int b;
      try {
        b = in.read();
      } catch (java.net.SocketException reset) {
        b = -1;
      }
      if (b < 0) {
        if (head.size() > 0) {
          throw new EOFException("half a head: " + head.toString(StandardCharsets.ISO_8859_1));
        }
        return null;
      }
      head.write(b);
      String text = head.toString(StandardCharsets.ISO_8859_1);
      if (b == '\n' && text.endsWith("\r\n\r\n")) {
        return text;
      }
    }
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if ("chunked".equals(headers.getOrDefault("transfer-encoding", "").toLowerCase(Locale.ROOT))) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      while (true) {
        int size = Integer.parseInt(line(), 16);
        body.writeBytes(in.readNBytes(size));
        line();
        if (size == 0) {
          return body.toByteArray();
        }
      }
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the body ended after %d of %d bytes".formatted(body.length, length));
    }
    return body;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Bytes until the service ends the connection. */
  long drain() throws IOException {
    try {
      return in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (java.net.SocketException reset) {
      return -1;
    }
  }

  /** Whether the service has ended the connection, or does so within the patience. */
  boolean isEnded() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
