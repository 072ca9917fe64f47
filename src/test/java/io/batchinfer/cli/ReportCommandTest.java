package io.batchinfer.cli;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobStatus;
import io.batchinfer.report.page.SampleJob;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  @TempDir Path folder;
  private Path output;
  private JobFolder job;

  @BeforeEach
  void aFolder() {
    output = folder.resolve("an out");
    job = new JobFolder(new FileStores(Configuration::new), "file:" + output);
  }

  @Test
  void theReportOfAKilledRunSaysThatItIsNotAtWork() throws IOException {
    job.writeRecord(SampleJob.record(JobStatus.RUNNING, ""));

    CommandLineRun run = CommandLineRun.of("report", output.toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("report.html");
    assertThat(Files.readString(output.resolve("report.html")))
        .contains("Stalled", "shows no sign of life", "was not recorded");
  }

  @Test
  void theBrowserIsGivenTheFile() throws IOException {
    job.writeRecord(SampleJob.record());
    Path seen = folder.resolve("seen");
    Path command = folder.resolve("browser");
    Files.writeString(command, "#!/bin/sh\nprintf '%s' \"$1\" > '" + seen + "'\n");
    assertThat(command.toFile().setExecutable(true)).isTrue();

    CommandLineRun run =
        CommandLineRun.of(
            new ReportCommand(pause -> {}, new Browser(List.of(command.toString()))),
            "report",
            output.toString(),
            "--open");

    assertThat(run.exitCode()).as(run.err()).isZero();
    String address = output.resolve("report.html").toUri().toString();
    Eventually.await("the browser was started", LONG_ENOUGH, () -> holds(seen, address), run::err);
  }

  private static boolean holds(Path file, String text) {
    try {
      return Files.exists(file) && Files.readString(file).equals(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void withoutABrowserTheFileIsNamed() {
    job.writeRecord(SampleJob.record());

    CommandLineRun run =
        CommandLineRun.of(
            new ReportCommand(pause -> {}, new Browser(List.of(folder.resolve("none").toString()))),
            "report",
            output.toString(),
            "--open");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("No browser could be started", output + "/report.html");
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamedWithAnother() throws IOException {
    job.writeRecord(SampleJob.record());
    Path file = Files.createFile(folder.resolve("file"));

    CommandLineRun run =
        CommandLineRun.of("report", output.toString(), "--to", file.resolve("r.html").toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("cannot be written", "r.html", "--to");
  }

  @Test
  void aFolderWithoutAJobIsRefused() {
    CommandLineRun run = CommandLineRun.of("report", folder.toString());

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("There is no job in");
  }
}
