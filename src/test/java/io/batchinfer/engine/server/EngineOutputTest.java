package io.batchinfer.engine.server;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an engine prints, and for whom. */
class EngineOutputTest {
  private final EngineLog first = new EngineLog(line -> line.replace("secret", "***"));
  private final EngineLog second = new EngineLog(line -> line);

  private void read(String printed) {
    new EngineOutput(bytes(printed), first).run();
  }

  private static ByteArrayInputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** As the watch prints the mark of a division. */
  private void readDivided(String before, String after) {
    ByteArrayInputStream[] printed = new ByteArrayInputStream[1];
    EngineOutput output =
        new EngineOutput(
            new InputStream() {
              @Override
              public int read() {
                return printed[0].read();
              }

              @Override
              public int read(byte[] into, int from, int length) {
                return printed[0].read(into, from, length);
              }
            },
            first);
    String line = output.dividedFor(second);
    printed[0] = bytes(before + "\n" + line + "\n" + after);
    output.run();
  }

  @Test
  void linesEndWithEitherOfTwoCharactersAndTheLastOneWithItsProcess() {
    read("one secret\n\n10 %\r20 %\rend");

    assertThat(first.lastLines()).containsExactly("one ***", "10 %", "20 %", "end");
  }

  @Test
  void whatIsPrintedAfterAMarkIsForTheNextOneOnly() {
    readDivided("of the first\n", "of the second\n");

    assertThat(first.lastLines()).containsExactly("of the first");
    assertThat(second.lastLines()).containsExactly("of the second");
  }

  /** What the next run asks before that would be told to the run before. */
  @Test
  void itIsKnownWhetherTheMarkHasCome() throws Exception {
    PipedOutputStream printed = new PipedOutputStream();
    EngineOutput output = new EngineOutput(new PipedInputStream(printed), first);
    Thread reader = new Thread(output, "engine-output-test");
    reader.start();
    assertThat(output.isDividedWithin(Duration.ZERO)).as("without a mark").isTrue();
    String line = output.dividedFor(second);
    assertThat(output.isDividedWithin(Duration.ZERO)).isFalse();
    printed.write(("\n" + line + "\n").getBytes(StandardCharsets.UTF_8));
    printed.flush();
    assertThat(output.isDividedWithin(LONG_ENOUGH)).isTrue();
    String unprinted = output.dividedFor(first);
    assertThat(output.isDividedWithin(Duration.ZERO)).as(unprinted).isFalse();
    printed.close();
    assertThat(output.isDividedWithin(LONG_ENOUGH)).as("after its end").isTrue();
    reader.join();
  }

  @Test
  void theRestOfALineThatTheMarkCutsIsForNobody() {
    readDivided("of the fi", "rst, still\nof the second\n");

    assertThat(first.lastLines()).containsExactly("of the fi");
    assertThat(second.lastLines()).containsExactly("of the second");
  }

  @Test
  void aLineThatIsTooLongIsTakenInPieces() {
    read("x".repeat((1 << 14) + 3) + "\nnext\n");

    assertThat(first.lastLines()).hasSize(3).endsWith("xxx", "next");
  }

  @Test
  void aLogThatIsClosedTakesNothing() {
    first.add("kept");
    first.close();
    read("not kept\n");

    assertThat(first.lastLines()).containsExactly("kept");
    assertThat(first.size()).isEqualTo(5);
  }

  @Test
  void aLogKeepsItsFirstAndItsLastMegabyteAndSaysWhatIsMissing() {
    String line = "x".repeat(1023);
    for (int i = 0; i < 4096; i++) {
      first.add(line);
    }
    first.add("the last");

    String all = new String(first.bytes(), StandardCharsets.UTF_8);

    assertThat(first.size()).isEqualTo((4L << 20) + 9);
    assertThat(all.length()).isBetween((2 << 20) - 1024, 2 << 20);
    assertThat(all).contains("bytes are left out").endsWith("the last\n");
    assertThat(first.lastLines()).hasSize(200).endsWith("the last");
    assertThat(first.lastLines().get(0)).hasSize(501).endsWith("…");
  }
}
