package io.batchinfer.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of the loopback interface that refuses connections, and that no other process is given
 * meanwhile.
 */
public final class RefusingPort implements AutoCloseable {
  /** Holds the port without listening. */
  private final Socket holder = new Socket();

  public RefusingPort() throws IOException {
    holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  public int number() {
    return holder.getLocalPort();
  }

  public String url() {
    return "http://127.0.0.1:" + number();
  }

  @Override
  public void close() throws IOException {
    holder.close();
  }
}
