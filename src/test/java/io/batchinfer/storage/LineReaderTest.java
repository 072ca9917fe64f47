package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineReaderTest {
  /** Gives at most that many bytes at a time, as a network stream may. */
  private static InputStream chunks(byte[] content, int chunk) {
    return new ByteArrayInputStream(content) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, chunk));
      }
    };
  }

  private static List<String> lines(String content, int chunk, int maxLineBytes)
      throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    long expectedOffset = 0;
    try (LineReader reader = new LineReader(chunks(bytes, chunk), 0, maxLineBytes)) {
      while (reader.next()) {
        assertThat(reader.offset()).isEqualTo(expectedOffset);
        expectedOffset = reader.endOffset();
        lines.add(
            reader.tooLong()
                ? "<too long>"
                : new String(
                    reader.bytes(), reader.start(), reader.length(), StandardCharsets.UTF_8));
      }
      assertThat(reader.next()).isFalse();
    }
    assertThat(expectedOffset).isEqualTo(bytes.length);
    return lines;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1 << 20})
  void onlyLineFeedsEndLines(int chunk) throws IOException {
    assertThat(lines("a\nb\r\n\r\n\nc\rd\u2028e\r\nf", chunk, 100))
        .containsExactly("a", "b", "", "", "c\rd\u2028e", "f");
    assertThat(lines("a\n", chunk, 100)).containsExactly("a");
    assertThat(lines("", chunk, 100)).isEmpty();
    assertThat(lines("\n", chunk, 100)).containsExactly("");
    assertThat(lines("\r", chunk, 100)).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 1 << 20})
  void aByteOrderMarkBelongsToNoLine(int chunk) throws IOException {
    assertThat(lines("\uFEFFa\n\uFEFFb", chunk, 100)).containsExactly("a", "\uFEFFb");
    assertThat(lines("\uFEFF", chunk, 100)).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 13, 1 << 20})
  void aLineOfExactlyTheLimitIsNotTooLongHoweverItArrives(int chunk) throws IOException {
    assertThat(lines("\uFEFF12345678\r\n12345678\r\n12345678\n12345678", chunk, 8))
        .containsExactly("12345678", "12345678", "12345678", "12345678");
    assertThat(lines("123456789\r\nok\n123456789\nok\n12345678901234567890123456789", chunk, 8))
        .containsExactly("<too long>", "ok", "<too long>", "ok", "<too long>");
  }

  @Test
  void randomLinesComeBackWhateverTheChunks() throws IOException {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<String> expected = new ArrayList<>();
      StringBuilder content = new StringBuilder();
      for (int i = random.nextInt(30); i > 0; i--) {
        String line = "é".repeat(random.nextInt(40)) + "x".repeat(random.nextInt(5));
        boolean tooLong = line.getBytes(StandardCharsets.UTF_8).length > 60;
        expected.add(tooLong ? "<too long>" : line);
        content.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      assertThat(lines(content.toString(), 1 + random.nextInt(100), 60))
          .as("seed %d", seed)
          .isEqualTo(expected);
    }
  }

  @Test
  void aLineOfTwentyMegabytesGrowsTheBuffer() throws IOException {
    String large = "x".repeat(20 << 20);
    assertThat(lines("a\n" + large + "\nb", 1 << 16, 32 << 20)).containsExactly("a", large, "b");
    assertThat(lines("a\n" + large + "\nb", 1 << 16, 1 << 20))
        .containsExactly("a", "<too long>", "b");
  }

  @Test
  void linesAcrossTheBuffersEndStayWhole() throws IOException {
    int buffer = 1 << 18;
    for (int shift = -3; shift <= 3; shift++) {
      String first = "a".repeat(buffer - 10 + shift);
      assertThat(lines(first + "\r\n0123456789\r\nend", 1 << 20, 1 << 20))
          .containsExactly(first, "0123456789", "end");
    }
  }

  @Test
  void offsetsCountFromWhereTheStreamBegins() throws IOException {
    try (LineReader reader =
        new LineReader(chunks("b\nc".getBytes(StandardCharsets.UTF_8), 1), 100, 10)) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.offset()).isEqualTo(100);
      assertThat(reader.next()).isTrue();
      assertThat(reader.offset()).isEqualTo(102);
      assertThat(reader.endOffset()).isEqualTo(103);
    }
  }

  @Test
  void aLineOfSpacesIsBlank() throws IOException {
    try (LineReader reader =
        new LineReader(chunks(" \t\r\n\n x\n".getBytes(StandardCharsets.UTF_8), 99), 0, 10)) {
      List<Boolean> blank = new ArrayList<>();
      while (reader.next()) {
        blank.add(reader.isBlank());
      }
      assertThat(blank).containsExactly(true, true, false);
    }
  }
}
