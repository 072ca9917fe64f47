package io.batchinfer.cli;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class WholeLinesTest {
  private static final byte[] LINE = "0123456789\n".getBytes(StandardCharsets.UTF_8);

  /** A reader who takes half of what is written and then lets the writer wait. */
  private static final class SlowReader extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CountDownLatch half = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public void write(int b) {
      throw new AssertionError("a single byte");
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      synchronized (taken) {
        taken.write(bytes, offset, length / 2);
      }
      half.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      synchronized (taken) {
        taken.write(bytes, offset + length / 2, length - length / 2);
      }
    }

    private String text() {
      synchronized (taken) {
        return taken.toString(StandardCharsets.UTF_8);
      }
    }
  }

  @Test
  void theEndOfTheProcessWaitsForAWriteAndLetsNoOtherBegin() throws Exception {
    SlowReader reader = new SlowReader();
    WholeLines lines = new WholeLines(reader);
    Thread writer =
        new Thread(
            () -> {
              try {
                lines.row(LINE);
                lines.pause();
                lines.row(LINE);
                lines.pause();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    writer.setDaemon(true);
    writer.start();
    reader.half.await();
    assertThat(reader.text()).doesNotEndWith("\n");
    Thread ending = new Thread(lines::endWriting);
    ending.start();
    Eventually.await(
        "the end waits for the lock",
        LONG_ENOUGH,
        () -> ending.getState() == Thread.State.TIMED_WAITING,
        () -> String.valueOf(ending.getState()));

    reader.goOn.countDown();
    ending.join();

    writer.join();
    // Which of the two has the lock after the first write is not said; each writes whole lines.
    assertThat(reader.text()).endsWith("\n").hasSizeBetween(LINE.length, 2 * LINE.length);

    lines.row(LINE);
    lines.pause();
    assertThat(reader.text()).hasSizeLessThanOrEqualTo(2 * LINE.length);
  }

  @Test
  void linesAreWrittenInLargePieces() throws IOException {
    int[] writes = {0};
    ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            writes[0]++;
            super.write(bytes, offset, length);
          }
        };
    try (WholeLines lines = new WholeLines(out)) {
      for (int i = 0; i < 10_000; i++) {
        lines.row(LINE);
      }
      assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("\n");
      lines.pause();
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).hasLineCount(10_000);
    assertThat(writes[0]).isBetween(1, 3);
  }
}
