package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitCommandTest {
  @TempDir Path folder;
  private Path input;
  private Path output;

  @BeforeEach
  void paths() {
    input = folder.resolve("in.jsonl");
    output = folder.resolve("cut");
  }

  private CommandLineRun split(String... more) {
    String[] arguments =
        Stream.concat(
                Stream.of("split", "-i", input.toString(), "-o", output.toString()),
                Stream.of(more))
            .toArray(String[]::new);
    return CommandLineRun.of(arguments);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      return files.sorted().toList();
    }
  }

  @Test
  void linesStayAsTheyAreAndBlankOnesGo() throws IOException {
    Files.writeString(input, "\ufeff{\"a\": 1}\r\n\n  \t\r\n{\"b\":\"\u00e9\"}\n{\"c\":3} ");

    CommandLineRun run = split("--max-file-lines", "2");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("3 requests").contains(" in 2 files ");
    assertThat(files())
        .extracting(path -> path.getFileName().toString())
        .containsExactly("batch-00000.jsonl", "batch-00001.jsonl");
    assertThat(files().get(0)).content().isEqualTo("{\"a\": 1}\r\n{\"b\":\"\u00e9\"}\n");
    assertThat(files().get(1)).content().isEqualTo("{\"c\":3} \n");
  }

  @Test
  void noFileIsLargerThanTheLimitAndNoneIsCutTooEarly() throws IOException {
    Files.writeString(input, "123456789\n".repeat(7));

    assertThat(split("--max-file-bytes", "30").exitCode()).isZero();

    assertThat(files()).extracting(path -> Files.size(path)).containsExactly(30L, 30L, 10L);
  }

  @Test
  void theLimitsAreTheProviders() throws IOException {
    Files.writeString(input, "{}\n".repeat(50_001));

    CommandLineRun run = split("--provider", "parasail");

    assertThat(run.out()).contains("in 2 files of at most 50,000 lines and 100MB");
    assertThat(files().get(0)).content().hasLineCount(50_000);
    assertThat(files().get(1)).content().isEqualTo("{}\n");
  }

  @Test
  void filesFollowEachOtherAndCompressedOnesAreUnpacked() throws IOException {
    input = Files.createDirectory(folder.resolve("in"));
    Files.writeString(input.resolve("1.jsonl"), "{\"a\":1}");
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(input.resolve("2.jsonl.gz")))) {
      packed.write("{\"b\":2}\n".getBytes(StandardCharsets.UTF_8));
    }

    assertThat(split().exitCode()).isZero();

    assertThat(files()).hasSize(1);
    assertThat(files().get(0)).content().isEqualTo("{\"a\":1}\n{\"b\":2}\n");
  }

  @Test
  void aLineThatNoFileCanHoldIsNamedAndNothingIsKept() throws IOException {
    Files.writeString(input, "1234\n\n1234\n12345\n");

    CommandLineRun run = split("--max-file-bytes", "5");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("Line 4 of ", "in.jsonl", "(5 bytes)", "--max-file-bytes");
    assertThat(files()).isEmpty();
  }

  @Test
  void anOutputThatIsNotEmptyIsLeftAlone() throws IOException {
    Files.writeString(input, "{}\n");
    Files.createDirectory(output);
    Files.writeString(output.resolve("batch-00000.jsonl"), "mine");

    CommandLineRun run = split();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is not an empty folder");
    assertThat(files()).hasSize(1);
    assertThat(files().get(0)).content().isEqualTo("mine");
  }

  @Test
  void anInputOfBlankLinesIsRefused() throws IOException {
    Files.writeString(input, "\n \n");

    CommandLineRun run = split();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("only blank lines");
  }
}
