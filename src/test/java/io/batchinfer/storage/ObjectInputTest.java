package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An object whose connections are lost. */
class ObjectInputTest {
  private static final byte[] OBJECT = "0123456789".getBytes(StandardCharsets.UTF_8);

  private final List<Long> opened = new ArrayList<>();
  private int closed;

  /** A connection that gives so many bytes and fails then. */
  private final class Connection extends InputStream {
    private final IOException failure;
    private int next;
    private int left;

    Connection(long offset, int bytes, IOException failure) {
      opened.add(offset);
      this.next = (int) offset;
      this.left = bytes;
      this.failure = failure;
    }

    @Override
    public int read() throws IOException {
      if (next == OBJECT.length) {
        return -1;
      }
      if (left-- <= 0) {
        throw failure;
      }
      return OBJECT[next++];
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int single = read();
      if (single < 0) {
        return -1;
      }
      bytes[offset] = (byte) single;
      return 1;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private InputStream input(int bytes, IOException failure) throws IOException {
    return new ObjectInput(offset -> new Connection(offset, bytes, failure), 2);
  }

  @Test
  void readingGoesOnWhereItWas() throws IOException {
    try (InputStream in = input(3, new IOException("the connection is lost"))) {
      assertThat(in.read()).isEqualTo('2');
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("3456789");
    }
    assertThat(opened).containsExactly(2L, 5L, 8L);
    assertThat(closed).isEqualTo(3);
  }

  @Test
  void itEndsWhereNothingComesAnyMore() throws IOException {
    try (InputStream in = input(0, new SocketTimeoutException("nothing came"))) {
      assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(opened).hasSize(ObjectInput.TRIES);
  }

  @Test
  void whatWillNotPassIsNotTriedAgain() throws IOException {
    for (IOException failure :
        List.of(new FileNotFoundException("gone"), new InterruptedIOException("stopped"))) {
      opened.clear();
      try (InputStream in = input(0, failure)) {
        assertThatThrownBy(in::read).isSameAs(failure);
      }
      assertThat(opened).containsExactly(2L);
    }
  }
}
