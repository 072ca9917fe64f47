package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Counts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.report.page.SampleJob;
import io.batchinfer.storage.FileStore;
import io.batchinfer.store.BatchStore;
import io.batchinfer.store.StoreLimits;
import io.batchinfer.testing.TroubledFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobsCommandTest {
  private static final String LINE =
      "{\"custom_id\":\"a\",\"body\":{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}\n";
  private static final String NOBODY = "6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e";

  @TempDir private Path folder;
  private Path data;
  private Path input;
  private BatchStore store;

  @BeforeEach
  void writeInput() throws IOException {
    data = folder.resolve("data");
    input = folder.resolve("in.jsonl");
    Files.writeString(input, LINE + "\n" + LINE);
    store = new BatchStore(HadoopFiles.stores(), data.toString());
  }

  private CommandLineRun jobs(String command, String... arguments) {
    List<String> words = new ArrayList<>(List.of("jobs", command, "--store", data.toString()));
    words.addAll(Arrays.asList(arguments));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private CommandLineRun create(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("--workspace", "team", "--endpoint", "/chat/completions", "--model", "m"));
    words.addAll(List.of("--input", input.toString()));
    words.addAll(Arrays.asList(more));
    return jobs("create", words.toArray(String[]::new));
  }

  private BatchJob stored(String id) {
    return store.readJob("team", id).orElseThrow();
  }

  /** Ends a job as a service does that answered one of its requests. */
  private void end(String id, Instant at) {
    BatchJob job = stored(id);
    JobFolder run = store.run("team", id);
    String output = UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)).toString();
    FileStore files = store.files();
    files.replace(run.results() + "/part-00000.jsonl", "one\n".getBytes(StandardCharsets.UTF_8));
    files.replace(run.results() + "/part-00001.jsonl", "two\n".getBytes(StandardCharsets.UTF_8));
    store.write(
        new BatchFile(
            output,
            "team",
            id + "_output.jsonl",
            "batch_output",
            Role.RESULTS,
            8,
            2,
            at.toEpochMilli(),
            null,
            null,
            null,
            id));
    store.write(
        job.with(
            job.state()
                .change()
                .started(at.toEpochMilli())
                .counts(
                    new Counts(
                        new RowCounts(2, 0), new Spent(2, 0, new Usage(1, 1)), new TreeMap<>()))
                .ended(BatchStatus.SUCCESS, at.toEpochMilli())
                .files(output, null)
                .made()));
  }

  @Test
  void aJobIsCreatedQueuedShownAndCancelledWithoutAService() {
    CommandLineRun created = create("--metadata", "team=a=b", "--timeout-hours", "2");

    assertThat(created.exitCode()).as("%s", created).isZero();
    String id = created.out().strip();
    BatchJob job = stored(id);
    assertThat(job.state().status()).isEqualTo(BatchStatus.QUEUED);
    assertThat(job.spec().input().requests()).isEqualTo(2);
    assertThat(job.spec().endpoint()).isEqualTo("/v1/chat/completions");
    assertThat(job.spec().metadata()).containsEntry("team", "a=b");
    assertThat(job.spec().lifetime().timeoutHours()).isEqualTo(2);
    assertThat(created.err()).contains("Uploaded \"" + input + "\" as", "waits for the next one");

    CommandLineRun get = jobs("get", id);
    assertThat(get.out()).contains("status       QUEUED", "requests     2 (0 succeeded, 0 failed)");
    assertThat(jobs("get", id, "--json").out())
        .startsWith("{\"id\":\"" + id + "\",\"object\":\"batch\"")
        .contains("\"status\":\"QUEUED\"");

    CommandLineRun cancel = jobs("cancel", id);
    assertThat(cancel.exitCode()).as("%s", cancel).isZero();
    assertThat(cancel.out()).contains("is cancelled with the next start of a service");
    assertThat(stored(id).state().status()).isEqualTo(BatchStatus.CANCELLATION_REQUESTED);
    assertThat(store.files().list(store.root() + "/inbox")).isEmpty();
  }

  @Test
  void uploadsPrintTheirIdsAndServeAsInput() throws IOException {
    Path second = Files.writeString(folder.resolve("second.jsonl"), LINE);

    CommandLineRun upload =
        jobs("upload", "--workspace", "team", input.toString(), second.toString());
    List<String> ids = upload.out().lines().toList();
    CommandLineRun created =
        jobs(
            "create",
            "--endpoint",
            "/v1/chat/completions",
            "--model",
            "m",
            "--input",
            ids.get(0),
            ids.get(1),
            "--json");

    assertThat(upload.exitCode()).as("%s", upload).isZero();
    assertThat(ids).hasSize(2);
    BatchFile file = store.readFile("team", ids.get(0)).orElseThrow();
    assertThat(file.filename()).isEqualTo("in.jsonl");
    assertThat(file.lines()).isEqualTo(2);
    assertThat(file.bytes()).isEqualTo(Files.size(input));
    assertThat(store.files().readAll(store.content("team", file.id())))
        .isEqualTo(Files.readAllBytes(input));
    assertThat(created.out()).contains("\"total_requests\":3", "\"input_files\":[\"" + ids.get(0));
    assertThat(jobs("upload", "--json", second.toString()).out())
        .contains("\"object\":\"list\"", "\"filename\":\"second.jsonl\"");
  }

  @Test
  void theListIsFilteredAndLimited() {
    String first = create("--metadata", "k=1").out().strip();
    String second = create("--metadata", "k=2").out().strip();
    end(first, Instant.now());

    assertThat(jobs("list").out().lines().skip(1).toList())
        .hasSize(2)
        .anyMatch(row -> row.startsWith(first) && row.contains("SUCCESS"));
    assertThat(jobs("list", "--status", "QUEUED").out()).contains(second).doesNotContain(first);
    assertThat(jobs("list", "--metadata", "k=1").out()).contains(first).doesNotContain(second);
    assertThat(jobs("list", "--model", "other").out().lines()).hasSize(1);
    CommandLineRun limited = jobs("list", "--limit", "1");
    assertThat(limited.out().lines()).hasSize(2);
    assertThat(limited.err()).contains("newest 1 of 2 jobs");
    assertThat(jobs("list", "--json").out()).startsWith("{\"object\":\"list\",\"total\":2");
  }

  @Test
  void howAJobWentIsWrittenAsAPageOnceThereIsSomethingToSay() throws IOException {
    String id = create().out().strip();
    String to = folder.resolve("report.html").toString();

    CommandLineRun early = jobs("report", id, "--to", to);
    assertThat(early.exitCode()).isEqualTo(2);
    assertThat(early.err()).contains("Job " + id + " (QUEUED) has sent nothing");
    assertThat(folder.resolve("report.html")).doesNotExist();

    store.run("team", id).writeRecord(SampleJob.record());
    CommandLineRun done = jobs("report", id, "--to", to);
    assertThat(done.exitCode()).as("%s", done).isZero();
    assertThat(Path.of(to)).content().startsWith("<!doctype html>").contains("1,000,000");
    assertThat(jobs("report", id, "--to", folder + "/", "--json").out())
        .contains("\"id\":\"" + id, id + "_report.html");
    assertThat(folder.resolve(id + "_report.html")).exists();
    assertThat(jobs("report", id, "--workspace", "others", "--to", to).exitCode()).isEqualTo(2);
    assertThat(jobs("report", NOBODY, "--to", to).err()).contains("has no job");
  }

  @Test
  void resultsComeIntoOneFileThatIsNeverOverwrittenUnasked() throws IOException {
    String id = create().out().strip();
    Path to = folder.resolve("out.jsonl");

    CommandLineRun early = jobs("download", id, "--to", to.toString());
    assertThat(early.exitCode()).isEqualTo(2);
    assertThat(early.err()).contains("is not over yet (QUEUED)");

    end(id, Instant.now());
    CommandLineRun done = jobs("download", id, "--to", to.toString());
    assertThat(done.exitCode()).as("%s", done).isZero();
    assertThat(to).hasContent("one\ntwo\n");

    Files.writeString(to, "mine");
    CommandLineRun again = jobs("download", id, "--to", to.toString());
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("--force");
    assertThat(to).hasContent("mine");
    assertThat(jobs("download", id, "--to", to.toString(), "--force").exitCode()).isZero();
    assertThat(to).hasContent("one\ntwo\n");

    CommandLineRun inFolder = jobs("download", id, "--to", folder + "/new/", "--json");
    assertThat(folder.resolve("new/" + id + "_output.jsonl")).hasContent("one\ntwo\n");
    assertThat(inFolder.out()).contains("\"bytes\":8");
    CommandLineRun errors = jobs("download", id, "--to", folder.toString(), "--errors");
    assertThat(errors.exitCode()).isEqualTo(2);
    assertThat(errors.err()).contains("has no errors: 2 requests succeeded and 0 failed");
  }

  @Test
  void resultsThatAreNotWholeAreNoFile() throws IOException {
    String id = create().out().strip();
    end(id, Instant.now());
    store.files().delete(store.run("team", id).results() + "/part-00001.jsonl");

    CommandLineRun run = jobs("download", id, "--to", folder.resolve("d/out").toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("have 4 bytes, not the 8");
    try (Stream<Path> left = Files.list(folder.resolve("d"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void onlyAJobThatIsOverIsDeleted() {
    String id = create().out().strip();

    CommandLineRun early = jobs("delete", id);
    end(id, Instant.now());
    CommandLineRun done = jobs("delete", id);
    CommandLineRun again = jobs("delete", id);

    assertThat(early.exitCode()).isEqualTo(2);
    assertThat(early.err()).contains("cancel it first");
    assertThat(done.out().strip()).isEqualTo("Deleted job " + id + ".");
    assertThat(store.jobIds("team")).isEmpty();
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("has no job");
  }

  @Test
  void pruningTakesWhatIsOldAndLeavesWhatIsNeeded() {
    String old = create().out().strip();
    String young = create().out().strip();
    String open = create().out().strip();
    end(old, Instant.now().minus(Duration.ofDays(31)));
    end(young, Instant.now().minus(Duration.ofDays(29)));
    for (String id : List.of(old, open)) {
      BatchFile file = store.readFile("team", stored(id).spec().inputFiles().get(0)).orElseThrow();
      store.write(
          new BatchFile(
              file.id(),
              "team",
              file.filename(),
              file.purpose(),
              file.role(),
              file.bytes(),
              file.lines(),
              1,
              null,
              null,
              null,
              null));
    }
    String oldInput = stored(old).spec().inputFiles().get(0);

    CommandLineRun dry = jobs("prune", "--older-than", "30d", "--dry-run");
    assertThat(dry.out()).contains("job   " + old, "file  " + oldInput, "Would delete 1 job and 1");
    assertThat(store.jobIds("team")).hasSize(3);

    CommandLineRun run = jobs("prune", "--older-than", "30d");
    assertThat(run.exitCode()).as("%s", run).isZero();
    assertThat(run.out()).contains("Deleted 1 job and 1 file: ");
    assertThat(store.jobIds("team")).containsExactlyInAnyOrder(young, open);
    assertThat(store.fileIds("team"))
        .hasSize(3)
        .doesNotContain(oldInput)
        .contains(stored(open).spec().inputFiles().get(0));
    assertThat(jobs("prune", "--older-than", "30d", "--json").out())
        .startsWith("{\"dry_run\":false,\"jobs\":[],\"files\":[],\"kept\":[],\"bytes\":0}");
  }

  @Test
  void aStoreOnAnotherHadoopFilesystemWorks() {
    String filesystem = "spark.hadoop.fs.troubled.impl";
    System.setProperty(filesystem, TroubledFiles.class.getName());
    try {
      String place = TroubledFiles.name(folder.resolve("far"));
      String input = TroubledFiles.name(this.input);
      CommandLineRun created =
          CommandLineRun.of(
              "jobs",
              "create",
              "--store",
              place,
              "--workspace",
              "team",
              "--endpoint",
              "/v1/chat/completions",
              "--input",
              input);
      CommandLineRun list = CommandLineRun.of("jobs", "list", "--store", place);

      assertThat(created.exitCode()).as("%s", created).isZero();
      assertThat(list.out()).contains(created.out().strip(), "QUEUED");
      assertThat(folder.resolve("far/workspaces/team/jobs/" + created.out().strip())).exists();
    } finally {
      System.clearProperty(filesystem);
    }
  }

  @Test
  void theLimitsOfTheLastServiceHold() {
    store.write(new StoreLimits(3, 1_000_000));
    create();
    CommandLineRun second = create();
    assertThat(second.exitCode()).isEqualTo(2);
    assertThat(second.err()).contains("exceed its limit of 3");
    assertThat(store.jobIds("team")).hasSize(1);

    store.write(new StoreLimits(100, 20));
    CommandLineRun large = jobs("upload", input.toString());
    assertThat(large.exitCode()).isEqualTo(2);
    assertThat(large.err()).contains("larger than 20 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../other/jobs/" + NOBODY,
        "..",
        "batch_..",
        NOBODY + "/run",
        "6F1C0B52-5A0E-4A51-9DF5-1C3A2B4C5D6E",
        NOBODY
      })
  void aHostileIdIsAJobThatThereIsNot(String id) {
    create();
    store.files().replace(data + "/workspaces/other/jobs/" + NOBODY + "/batch.json", new byte[0]);

    for (String command : List.of("get", "cancel", "delete")) {
      CommandLineRun run = jobs(command, "--workspace", "team", id);
      assertThat(run.exitCode()).as("%s %s", command, run).isEqualTo(2);
      assertThat(run.err()).contains("has no job");
    }
    assertThat(jobs("download", "--workspace", "team", id, "--to", folder + "/x").exitCode())
        .isEqualTo(2);
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create | --endpoint /v1/nothing | --endpoint: Invalid value: '/v1/nothing'",
        "create | --timeout-hours 200 | --timeout-hours: Invalid value",
        "create | --deployment nowhere | no deployment \"nowhere\"",
        "create | --deployment ../x | --deployment: ",
        "create | --metadata k | The value of --metadata KEY=VALUE cannot be understood",
        "create | --input no-such.jsonl | There is no file \"no-such.jsonl\"",
        "create | --input 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e | No such file: '6f1c0b52",
        "upload | --purpose nothing x.jsonl | --purpose: Invalid value: 'nothing'",
        "upload | '' | Missing: FILE",
        "list   | --status DONE | The value of --status STATUS cannot be understood",
        "list   | --limit 0 | --limit is 0",
        "list   | --workspace Team | which no workspace can be named",
        "list   | --workspace teams | has no workspace \"teams\"; it has team",
        "get    | '' | Missing: ID",
        "prune  | --older-than 30 | names no unit",
        "prune  | --older-than soon | --older-than is \"soon\"",
      })
  void aMistakeIsExitTwoAndMakesNoJob(String command, String arguments, String words) {
    create();
    List<String> given = new ArrayList<>();
    if (command.equals("create")) {
      given.addAll(List.of("--workspace", "team"));
      given.addAll(arguments.contains("--endpoint") ? List.of() : List.of("--endpoint", "/v1/ocr"));
      given.addAll(
          arguments.contains("--input") ? List.of() : List.of("--input", input.toString()));
    }
    given.addAll(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ")));

    CommandLineRun run = jobs(command, given.toArray(String[]::new));

    assertThat(run.exitCode()).as("%s", run).isEqualTo(2);
    assertThat(run.err()).contains(words);
    assertThat(run.out()).isEmpty();
    assertThat(store.jobIds("team")).hasSize(1);
  }

  @Test
  void theWorkspaceMustBeNamedWhereThereAreSeveral() {
    CommandLineRun none = jobs("list");
    create();
    CommandLineRun one = jobs("list");
    jobs("upload", "--workspace", "other", input.toString());
    CommandLineRun several = jobs("list");

    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("there is no such folder");
    assertThat(one.exitCode()).isZero();
    assertThat(several.exitCode()).isEqualTo(2);
    assertThat(several.err()).contains("several workspaces; it has other, team. Name one");
  }

  @Test
  void whatIsNoJsonLeavesNothing() throws IOException {
    create();
    Path bad = Files.writeString(folder.resolve("bad.csv"), "a,b\n");

    CommandLineRun run = jobs("upload", bad.toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is not a JSONL file");
    assertThat(store.fileIds("team")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"upload", "create", "get", "list", "cancel", "delete", "download", "prune"})
  void helpEndsWithALineToTry(String command) {
    CommandLineRun help = CommandLineRun.of("jobs", command, "--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).startsWith("Usage: batchinfer jobs " + command);
    assertThat(help.out().substring(help.out().indexOf("Example")))
        .contains("batchinfer jobs " + command + " --store data");
  }
}
