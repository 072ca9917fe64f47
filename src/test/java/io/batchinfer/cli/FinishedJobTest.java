package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands say about one job that ran over a plain and a compressed file. */
class FinishedJobTest {
  private static final int ROWS_PER_FILE = 40;
  private static final String INVALID = "{\"custom_id\":\"no-body\",\"note\":\"h\u00e9\"}";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static Path output;
  private static List<String> failedLines;

  @TempDir Path folder;

  @BeforeAll
  static void runTheJob() throws IOException {
    output = shared.resolve("out");
    failedLines = new ArrayList<>();
    Path input = Files.createDirectory(shared.resolve("in"));
    Files.writeString(input.resolve("a.jsonl"), lines("a", "\r\n") + INVALID);
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(input.resolve("b.jsonl.gz")))) {
      packed.write(lines("b", "\n").getBytes(StandardCharsets.UTF_8));
    }
    failedLines.add(ROWS_PER_FILE / 10, INVALID + "\n");

    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "-i",
            input.toString(),
            "-o",
            output.toString(),
            "--simulate",
            "--split-bytes",
            "2kB",
            "--on-invalid",
            "record",
            "--max-failure-rate",
            "0.5");

    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  /** Rows of which every tenth is refused, with a blank line in between. */
  private static String lines(String prefix, String lineEnd) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ROWS_PER_FILE; i++) {
      boolean refused = i % 10 == 3;
      String line =
          "{\"custom_id\":\"%s-%d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\", \"messages\":[{\"role\":\"user\",\"content\":\"%s caf\u00e9 %d\"}]}}%s"
              .formatted(prefix, i, refused ? "[[fault:http_400]]" : "say", i, lineEnd);
      text.append(line);
      if (refused) {
        failedLines.add(line);
      }
      if (i == ROWS_PER_FILE / 2) {
        text.append(lineEnd);
      }
    }
    return text.toString();
  }

  private static String streamed(String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CommandLineRun run = CommandLineRun.of(new ResultsCommand(() -> bytes), arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<JsonNode> rows(String jsonl) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : jsonl.lines().toList()) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }

  private Path copyOfTheJob() throws IOException {
    Path copy = folder.resolve("copy");
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(
            file,
            copy.resolve(output.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return copy;
  }

  private static List<Path> parts(Path job, String kind) throws IOException {
    try (Stream<Path> files = Files.list(job.resolve(kind))) {
      return files.sorted().toList();
    }
  }

  @Test
  void statusTellsTheSummaryAndEndsWithTheJobsExitCode() {
    CommandLineRun status = CommandLineRun.of("status", output.toString());

    assertThat(status.exitCode()).isZero();
    assertThat(status.out()).contains(": completed", "81 requests: 72 succeeded, 9 failed, 0 open");
  }

  @Test
  void statusAsJsonIsOneObjectWithTheSummaryKeys() throws IOException {
    CommandLineRun status = CommandLineRun.of("status", "-o", output.toString(), "--json");

    assertThat(status.out()).hasLineCount(1);
    JsonNode json = JSON.readTree(status.out());
    assertThat(json.path("status").asText()).isEqualTo("completed");
    assertThat(json.path("exit_code").asInt(-1)).isZero();
    assertThat(json.path("total_requests").asInt()).isEqualTo(81);
    assertThat(json.path("errors").path("missing_required_parameter").asInt()).isEqualTo(1);
  }

  @Test
  void cancelLeavesAFinishedJobAlone() {
    CommandLineRun cancel = CommandLineRun.of("cancel", output.toString());

    assertThat(cancel.exitCode()).isZero();
    assertThat(cancel.out()).contains("is over (completed); there is nothing to cancel");
    assertThat(output.resolve("_journal/cancel")).doesNotExist();
  }

  @Test
  void resultsAreAllPartsInInputOrder() throws IOException {
    String results = streamed("results", output.toString());

    StringBuilder parts = new StringBuilder();
    for (Path part : parts(output, "results")) {
      parts.append(Files.readString(part));
    }
    List<String> expected = new ArrayList<>();
    for (String prefix : List.of("a", "b")) {
      for (int i = 0; i < ROWS_PER_FILE; i++) {
        if (i % 10 != 3) {
          expected.add(prefix + "-" + i);
        }
      }
    }
    assertThat(parts(output, "results")).hasSizeGreaterThan(2);
    assertThat(results).isEqualTo(parts.toString());
    assertThat(rows(results)).extracting(row -> row.path("custom_id").asText()).isEqualTo(expected);
  }

  @Test
  void errorsAreTheErrorParts() throws IOException {
    assertThat(rows(streamed("results", "-o", output.toString(), "--errors")))
        .hasSize(9)
        .allSatisfy(row -> assertThat(row.path("input").path("line").asInt()).isPositive());
  }

  @Test
  void failedRequestsAreTheInputLinesThemselves() {
    assertThat(streamed("results", output.toString(), "--failed-requests"))
        .isEqualTo(String.join("", failedLines));
  }

  @Test
  void joinPutsBodyAndResultOnOneLine() throws IOException {
    List<JsonNode> joined = rows(streamed("results", output.toString(), "--join"));

    assertThat(joined).hasSize(72);
    for (JsonNode row : joined) {
      String id = row.path("custom_id").asText();
      String number = id.substring(id.indexOf('-') + 1);
      assertThat(row.at("/input/messages/0/content").asText()).endsWith("say caf\u00e9 " + number);
      assertThat(row.at("/result/custom_id").asText()).isEqualTo(id);
      assertThat(row.at("/result/response/status_code").asInt()).isEqualTo(200);
    }
  }

  @Test
  void joinedErrorsHaveNoInputWhereTheLineHasNoBody() throws IOException {
    List<JsonNode> joined = rows(streamed("results", output.toString(), "--join", "--errors"));

    assertThat(joined).hasSize(9);
    assertThat(joined)
        .filteredOn(row -> row.path("custom_id").asText().equals("no-body"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("input").isNull()).isTrue());
  }

  @Test
  void failedRequestsRefuseAnInputThatHasChanged() throws IOException {
    Path job = copyOfTheJob();
    Path plan = job.resolve("_plan/plan.json");
    Path changed = folder.resolve("a.jsonl");
    Files.writeString(
        changed, Files.readString(shared.resolve("in/a.jsonl")).replace("\"a-", "\"z-"));
    Files.writeString(
        plan,
        Files.readString(plan)
            .replace(shared.resolve("in/a.jsonl").toString(), changed.toString()));

    CommandLineRun results =
        CommandLineRun.of(
            new ResultsCommand(ByteArrayOutputStream::new),
            "results",
            job.toString(),
            "--failed-requests");

    assertThat(results.exitCode()).isEqualTo(2);
    assertThat(results.err()).contains(changed.toString(), "has changed since the job ran: line 4");
  }

  @Test
  void aReaderThatHasSeenEnoughEndsTheStreamQuietly() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    CommandLineRun results =
        CommandLineRun.of(
            new ResultsCommand(() -> StandardOutput.over(closed, true)),
            "results",
            output.toString());

    assertThat(results.exitCode()).isZero();
    assertThat(results.err()).isEmpty();
  }

  @Test
  void aFullDiskIsAnError() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };

    CommandLineRun results =
        CommandLineRun.of(
            new ResultsCommand(() -> StandardOutput.over(full, false)),
            "results",
            output.toString());

    assertThat(results.exitCode()).isEqualTo(1);
    assertThat(results.err()).contains("Cannot write to standard output: No space left on device");
  }

  @Test
  void failedRequestsGoWithNeitherErrorsNorJoin() {
    CommandLineRun results =
        CommandLineRun.of("results", output.toString(), "--failed-requests", "--errors");

    assertThat(results.exitCode()).isEqualTo(2);
    assertThat(results.err()).contains("--failed-requests", "give one of them");
  }

  @Test
  void aJobThatIsNotOverShowsItsRowsOnlyAsPartial() throws IOException {
    Path job = copyOfTheJob();
    Path record = job.resolve("job.json");
    Files.writeString(record, Files.readString(record).replace("completed\"", "interrupted\""));
    List<Path> commits = parts(job, "_journal/commits");
    Files.delete(commits.get(commits.size() - 1));

    CommandLineRun refused = CommandLineRun.of("results", job.toString());
    String partial = streamed("results", job.toString(), "--partial");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("is not over (interrupted)", "--partial");
    String all = streamed("results", output.toString());
    assertThat(all).startsWith(partial);
    assertThat(partial.length()).isBetween(1, all.length() - 1);
  }

  @Test
  void verifyProvesTheJob() {
    CommandLineRun verify = CommandLineRun.of("verify", output.toString());

    assertThat(verify.exitCode()).as(verify.err()).isZero();
    assertThat(verify.out()).contains("Proven: 81 rows, 72 results and 9 errors in ");
  }

  @Test
  void verifyFindsALostRow() throws IOException {
    Path job = copyOfTheJob();
    Path part = parts(job, "results").get(1);
    List<String> lines = Files.readAllLines(part);
    Files.write(part, lines.subList(1, lines.size()));

    assertThatVerifyFails(job, part.getFileName().toString());
  }

  @Test
  void verifyFindsARowThatIsThereTwice() throws IOException {
    Path job = copyOfTheJob();
    Path part = parts(job, "results").get(1);
    String last = Files.readAllLines(part).get(Files.readAllLines(part).size() - 1);
    Files.writeString(part, last + "\n", StandardOpenOption.APPEND);

    assertThatVerifyFails(job, "twice or out of order");
  }

  @Test
  void verifyFindsAFileThatIsNoPart() throws IOException {
    Path job = copyOfTheJob();
    Files.copy(parts(job, "results").get(0), job.resolve("results/part-99999.jsonl"));

    assertThatVerifyFails(job, "part-99999.jsonl\" belongs to no split");
  }

  @Test
  void verifyFindsARecordThatCountsOtherwise() throws IOException {
    Path job = copyOfTheJob();
    Path record = job.resolve("job.json");
    Files.writeString(
        record,
        Files.readString(record)
            .replace("\"succeeded_requests\" : 72", "\"succeeded_requests\" : 73"));

    assertThatVerifyFails(job, "job.json says 73 succeeded");
  }

  @Test
  void verifyFindsThatTheMarkOfSuccessIsMissing() throws IOException {
    Path job = copyOfTheJob();
    Files.delete(job.resolve("_SUCCESS"));

    assertThatVerifyFails(job, "_SUCCESS\" is missing");
  }

  private static void assertThatVerifyFails(Path job, String problem) {
    CommandLineRun verify = CommandLineRun.of("verify", job.toString());

    assertThat(verify.exitCode()).isEqualTo(1);
    assertThat(verify.err()).contains("does not hold what the job wrote", problem);
  }

  @Test
  void anActiveJobWithoutAnOwnerIsStalledAtOnce() throws IOException {
    Path job = copyOfTheJob();
    Path record = job.resolve("job.json");
    Files.writeString(record, Files.readString(record).replace("completed\"", "running\""));
    StatusCommand impatient =
        new StatusCommand(
            duration -> {
              throw new AssertionError("waited although nobody owns the job");
            });

    CommandLineRun status = CommandLineRun.of(impatient, "status", job.toString(), "--json");

    assertThat(status.exitCode()).isEqualTo(130);
    assertThat(JSON.readTree(status.out()).path("status").asText()).isEqualTo("stalled");
    assertThat(CommandLineRun.of("cancel", job.toString()).out())
        .contains("is not running", "The same run command goes on");
    assertThat(CommandLineRun.of("verify", job.toString()).err()).contains("is not over (running)");
  }

  @Test
  void theRunLeftAReportThatCanBeWrittenAnew() throws IOException {
    String left = Files.readString(output.resolve("report.html"));
    Path anew = folder.resolve("again.html");

    CommandLineRun report = CommandLineRun.of("report", output.toString(), "--to", anew.toString());

    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(report.out()).contains(anew.toString());
    assertThat(Files.readString(anew)).isEqualTo(left);
    assertThat(left).contains("Completed", "<b>" + (2 * ROWS_PER_FILE + 1) + "</b>");
  }

  @Test
  void aJobWhoseOwnerBeatsIsRunningAndCanBeCancelled() throws IOException {
    Path job = copyOfTheJob();
    Path record = job.resolve("job.json");
    Files.writeString(record, Files.readString(record).replace("completed\"", "running\""));
    FileStores stores = new FileStores(Configuration::new);
    try (Ownership owner =
        Ownership.claim(
            stores,
            "file:" + job + "/_journal/owner",
            Claimant.thisProcess(true),
            OwnershipTiming.DEFAULT,
            new Elapsed(() -> 0, Clock.systemUTC()),
            duration -> {},
            false)) {
      Pause beating = duration -> owner.beat();

      CommandLineRun status =
          CommandLineRun.of(new StatusCommand(beating), "status", job.toString());
      CommandLineRun cancel =
          CommandLineRun.of(new CancelCommand(beating), "cancel", job.toString());

      assertThat(status.exitCode()).isZero();
      assertThat(status.out()).contains(": running", "81 of 81 rows can be read with");
      assertThat(cancel.exitCode()).isZero();
      assertThat(cancel.out())
          .contains("process " + ProcessHandle.current().pid(), "ends with exit code 4");
      assertThat(job.resolve("_journal/cancel")).exists();
    }
  }

  @Test
  void watchingGoesOnUntilTheJobEnds() throws IOException {
    Path job = copyOfTheJob();
    Path record = job.resolve("job.json");
    String completed = Files.readString(record);
    Files.writeString(record, completed.replace("completed\"", "running\""));
    FileStores stores = new FileStores(Configuration::new);
    try (Ownership owner =
        Ownership.claim(
            stores,
            "file:" + job + "/_journal/owner",
            Claimant.thisProcess(true),
            OwnershipTiming.DEFAULT,
            new Elapsed(() -> 0, Clock.systemUTC()),
            duration -> {},
            false)) {
      AtomicInteger looks = new AtomicInteger();
      Pause beating =
          duration -> {
            owner.beat();
            if (looks.incrementAndGet() == 6) {
              write(record, completed);
            }
          };

      CommandLineRun words =
          CommandLineRun.of(new StatusCommand(beating), "status", job.toString(), "--watch");
      write(record, completed.replace("completed\"", "running\""));
      looks.set(0);
      CommandLineRun json =
          CommandLineRun.of(
              new StatusCommand(beating), "status", job.toString(), "--watch", "--json");

      assertThat(words.exitCode()).isZero();
      assertThat(words.out())
          .startsWith("81 of 81 (100 %)")
          .contains(": completed", "81 requests: 72 succeeded");
      assertThat(looks).hasValueGreaterThanOrEqualTo(6);
      List<String> states = new ArrayList<>();
      rows(json.out()).forEach(row -> states.add(row.path("status").asText()));
      assertThat(states).startsWith("running", "running").endsWith("running", "completed");
    }
  }

  private static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theSameCommandAgainSaysThatNothingWasSent() {
    CommandLineRun again =
        CommandLineRun.of(
            "run",
            "-i",
            shared.resolve("in").toString(),
            "-o",
            output.toString(),
            "--simulate",
            "--on-invalid",
            "record",
            "--max-failure-rate",
            "0.5");

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err())
        .startsWith("This job was over before (completed); nothing was sent. --retry-failed");
  }

  @Test
  void aFolderWithoutAJobIsExitTwo() {
    for (String command : List.of("status", "cancel", "results", "verify")) {
      CommandLineRun run = CommandLineRun.of(command, folder.toString());

      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err()).contains("There is no job in", folder.toString(), "batchinfer run");
    }
  }

  @Test
  void theFolderIsGivenOnce() {
    CommandLineRun twice = CommandLineRun.of("status", output.toString(), "-o", "other");
    CommandLineRun never = CommandLineRun.of("status");

    assertThat(twice.exitCode()).isEqualTo(2);
    assertThat(twice.err()).contains("given twice");
    assertThat(never.exitCode()).isEqualTo(2);
    assertThat(never.err()).contains("Option --output is missing");
  }
}
