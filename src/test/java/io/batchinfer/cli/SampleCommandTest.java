package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleCommandTest {
  @TempDir Path folder;
  private Path input;

  @BeforeEach
  void path() {
    input = folder.resolve("in.jsonl");
  }

  private record Sampled(int exitCode, String rows, String err) {}

  private static Sampled sample(Object... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String[] words =
        Stream.concat(Stream.of("sample"), Stream.of(arguments).map(String::valueOf))
            .toArray(String[]::new);
    CommandLineRun run = CommandLineRun.of(new SampleCommand(() -> bytes), words);
    return new Sampled(run.exitCode(), bytes.toString(StandardCharsets.UTF_8), run.err());
  }

  private void writeRows(int rows) throws IOException {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, rows).forEach(i -> text.append("{\"row\":").append(i).append("}\n"));
    Files.writeString(input, text);
  }

  private static List<Integer> numbers(String rows) {
    return rows.lines().map(row -> Integer.valueOf(row.replaceAll("\\D", ""))).toList();
  }

  @Test
  void aSampleIsTwentyRowsInTheOrderOfTheInputAndTheSameEachTime() throws IOException {
    writeRows(5_000);

    Sampled first = sample(input);
    Sampled again = sample("-i", input, "--seed", 1);

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.err()).isEqualTo("20 rows of 5,000 rows.\n");
    assertThat(numbers(first.rows())).hasSize(20).isSorted().doesNotHaveDuplicates();
    assertThat(again.rows()).isEqualTo(first.rows());
    assertThat(sample(input, "--seed", 2).rows()).isNotEqualTo(first.rows());
  }

  @Test
  void aLargerSampleHoldsTheSmallerOne() throws IOException {
    writeRows(3_000);

    List<Integer> small = numbers(sample(input, "-n", 40).rows());
    List<Integer> large = numbers(sample(input, "-n", 400).rows());

    assertThat(large).hasSize(400).isSorted().containsAll(small);
  }

  @Test
  void rowsStayByteForByteAndBlankLinesAreNone() throws IOException {
    Files.writeString(input, "\ufeff{\"a\": 1}\r\n\n  \t\r\n{\"b\":\"\u00e9\"}\n{\"c\":3} ");

    Sampled all = sample(input);

    assertThat(all.rows()).isEqualTo("{\"a\": 1}\r\n{\"b\":\"\u00e9\"}\n{\"c\":3} \n");
    assertThat(all.err()).isEqualTo("3 rows of 3 rows.\n");
  }

  @Test
  void severalFilesAreOneSetAndCompressedOnesAreUnpacked() throws IOException {
    Path second = folder.resolve("more.jsonl.gz");
    Files.writeString(input, "{\"a\":1}");
    try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(second))) {
      packed.write("{\"b\":2}\n".getBytes(StandardCharsets.UTF_8));
    }

    assertThat(sample(input, second).rows()).isEqualTo("{\"a\":1}\n{\"b\":2}\n");
    assertThat(sample(folder).rows()).isEqualTo("{\"a\":1}\n{\"b\":2}\n");
  }

  @Test
  void aRowThatIsTooLongIsNotDrawnAndSaid() throws IOException {
    Files.writeString(input, "{\"a\":1}\n{\"b\":\"" + "x".repeat(100) + "\"}\n");

    Sampled sampled = sample(input, "--max-line-bytes", 50);

    assertThat(sampled.rows()).isEqualTo("{\"a\":1}\n");
    assertThat(sampled.err())
        .isEqualTo(
            "1 row of 2 rows. 1 row is longer than --max-line-bytes 50 and cannot be drawn.\n");
  }

  @Test
  void aFileIsWrittenWholeAndReplacedOnlyWhenAsked() throws IOException {
    writeRows(100);
    Path to = folder.resolve("some/sample.jsonl");

    Sampled written = sample(input, "-n", 5, "--to", to);
    Sampled refused = sample(input, "-n", 6, "--to", to);

    assertThat(written.exitCode()).as(written.err()).isZero();
    assertThat(written.rows()).isEmpty();
    assertThat(written.err()).contains("5 rows of 100 rows, in file:", "sample.jsonl");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("There is a file", "--overwrite");
    assertThat(to).content().hasLineCount(5);
    assertThat(sample(input, "-n", 6, "--to", to, "--overwrite").exitCode()).isZero();
    assertThat(to).content().hasLineCount(6);
    try (Stream<Path> files = Files.list(to.getParent())) {
      assertThat(files).containsExactly(to);
    }
  }

  @Test
  void theInputIsNeverReplaced() throws IOException {
    writeRows(100);

    Sampled sampled = sample(input, "--to", input, "--overwrite");

    assertThat(sampled.exitCode()).isEqualTo(2);
    assertThat(sampled.err()).contains("is a file of the input");
    assertThat(input).content().hasLineCount(100);
  }

  @Test
  void whatCannotBeSampledIsRefusedWithAReason() throws IOException {
    Path cut = folder.resolve("cut.jsonl.gz");
    Files.write(cut, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
    Path blank = folder.resolve("blank.jsonl");
    Files.writeString(blank, "\n \n");
    writeRows(1);

    List<Sampled> refused = new ArrayList<>();
    refused.add(sample(cut));
    refused.add(sample(blank));
    refused.add(sample(folder.resolve("absent.jsonl")));
    refused.add(sample(input, "--to", folder));
    refused.add(sample(input, "--overwrite"));
    refused.add(sample(input, "-i", input));
    refused.add(sample(input, "-n", 0));
    refused.add(sample());

    assertThat(refused).extracting(Sampled::exitCode).containsOnly(2);
    assertThat(refused).extracting(Sampled::rows).containsOnly("");
    String[] reasons = {
      "Cannot unpack",
      "only blank lines",
      "There is no input",
      "is a folder",
      "--to FILE",
      "The input is given twice",
      "--count",
      "--input is missing"
    };
    for (int i = 0; i < reasons.length; i++) {
      assertThat(refused.get(i).err()).contains(reasons[i]);
    }
  }

  @Test
  void aReaderThatHasSeenEnoughEndsItQuietly() throws IOException {
    writeRows(100);
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    CommandLineRun run =
        CommandLineRun.of(
            new SampleCommand(() -> StandardOutput.over(closed, true)), "sample", input.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
  }
}
