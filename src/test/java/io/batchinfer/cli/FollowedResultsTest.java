package io.batchinfer.cli;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code results --follow} of a job that is made to look as if it ran, and of one that does. */
class FollowedResultsTest {
  private static final int ROWS = 40;

  @TempDir static Path shared;
  private static Path input;
  private static Path finished;

  @TempDir Path folder;
  private Path job;
  private String completed = "";
  private Ownership owner;
  private final ByteArrayOutputStream rows = new ByteArrayOutputStream();

  @BeforeAll
  static void runTheJob() throws IOException {
    input = shared.resolve("in.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      lines.append(
          "{\"custom_id\":\"row-%02d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"%s %d\"}]}}\n"
              .formatted(i, i % 10 == 3 ? "[[fault:http_400]]" : "say", i));
    }
    Files.writeString(input, lines);
    finished = shared.resolve("out");
    CommandLineRun run = CommandLineRun.of(run(finished).toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(parts(finished, "_journal/commits")).hasSizeGreaterThan(3);
  }

  private static List<String> run(Path output) {
    List<String> words = new ArrayList<>(List.of("run", "-i", input.toString(), "--simulate"));
    words.addAll(List.of("-o", output.toString(), "--split-bytes", "1kB"));
    words.addAll(List.of("--max-failure-rate", "0.5"));
    return words;
  }

  private static List<Path> parts(Path job, String kind) throws IOException {
    try (Stream<Path> files = Files.list(job.resolve(kind))) {
      return files.sorted().toList();
    }
  }

  /** A copy of the job that says that it runs, with nothing published. */
  @BeforeEach
  void aJobThatRuns() throws IOException {
    job = folder.resolve("job");
    try (Stream<Path> files = Files.walk(finished)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, job.resolve(finished.relativize(file).toString()));
      }
    }
    completed = Files.readString(job.resolve("job.json"));
    Files.writeString(job.resolve("job.json"), running());
    for (Path commit : parts(job, "_journal/commits")) {
      Files.delete(commit);
    }
    owner =
        Ownership.claim(
            new FileStores(Configuration::new),
            "file:" + job + "/_journal/owner",
            Claimant.thisProcess(true),
            OwnershipTiming.DEFAULT,
            new Elapsed(() -> 0, Clock.systemUTC()),
            duration -> {},
            false);
  }

  @AfterEach
  void release() {
    owner.close();
  }

  private String running() {
    return completed.replace("completed\"", "running\"");
  }

  /** What happens in the folder while the command waits. */
  @FunctionalInterface
  private interface Happening {
    void at(int look) throws IOException;
  }

  private Pause while_(Happening happening) {
    AtomicInteger looks = new AtomicInteger();
    return duration -> {
      owner.beat();
      try {
        happening.at(looks.incrementAndGet());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private CommandLineRun follow(Happening happening, String... more) {
    String[] words =
        Stream.concat(Stream.of("results", job.toString(), "--follow"), Stream.of(more))
            .toArray(String[]::new);
    return CommandLineRun.of(new ResultsCommand(() -> rows, while_(happening)), words);
  }

  private void publish(int split) throws IOException {
    String name = "_journal/commits/split-%05d.json".formatted(split);
    Files.copy(finished.resolve(name), job.resolve(name));
  }

  private void end() throws IOException {
    Files.writeString(job.resolve("job.json"), completed);
  }

  private String written() {
    return rows.toString(StandardCharsets.UTF_8);
  }

  private static String content(String kind, int... splits) throws IOException {
    StringBuilder content = new StringBuilder();
    for (int split : splits) {
      Path part = finished.resolve("%s/part-%05d.jsonl".formatted(kind, split));
      content.append(Files.exists(part) ? Files.readString(part) : "");
    }
    return content.toString();
  }

  private static int splits() throws IOException {
    return parts(finished, "_journal/commits").size();
  }

  @Test
  void rowsComeAsTheyArePublishedUntilTheJobIsOver() throws IOException {
    int splits = splits();
    List<String> afterEachLook = new ArrayList<>();

    CommandLineRun run =
        follow(
            look -> {
              afterEachLook.add(written());
              if (look == 1) {
                publish(2);
              } else if (look == 3) {
                publish(0);
                publish(1);
              } else if (look == 4) {
                for (int split = 3; split < splits; split++) {
                  publish(split);
                }
                end();
              }
            });

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(afterEachLook)
        .containsExactly(
            "", content("results", 2), content("results", 2), content("results", 2, 0, 1));
    assertThat(written().lines()).hasSize(36).doesNotHaveDuplicates();
    assertThat(written()).startsWith(content("results", 2, 0, 1, 3));
    assertThat(run.err()).endsWith("36 rows were written; the job is completed.\n");
  }

  @Test
  void errorsAreFollowedAsWellAndTheExitCodeIsTheJobs() throws IOException {
    CommandLineRun run =
        follow(
            look -> {
              for (int split = 0; split < splits(); split++) {
                publish(split);
              }
              Files.writeString(
                  job.resolve("job.json"),
                  completed
                      .replace("completed\"", "failed\"")
                      .replace("\"exit_code\" : 0", "\"exit_code\" : 3"));
            },
            "--errors");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    assertThat(written().lines()).hasSize(4).allMatch(line -> line.contains("\"input\""));
  }

  @Test
  void aSplitThatIsPublishedAgainGivesItsNewRowsOnly() throws IOException {
    String whole = content("results", 0);
    Path part = job.resolve("results/part-00000.jsonl");
    Path commit = job.resolve("_journal/commits/split-00000.json");
    List<String> lines = whole.lines().toList();
    assertThat(lines).hasSizeGreaterThan(2);
    Files.writeString(part, lines.get(1) + "\n");
    publish(0);

    CommandLineRun run =
        follow(
            look -> {
              if (look == 1) {
                Files.delete(commit);
              } else if (look == 2) {
                Files.writeString(part, whole);
                publish(0);
                Files.setLastModifiedTime(commit, FileTime.fromMillis(1));
              } else if (look == 4) {
                end();
              }
            });

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(written().lines())
        .startsWith(lines.get(1), lines.get(0), lines.get(2))
        .containsExactlyInAnyOrderElementsOf(lines);
  }

  @Test
  void aPartThatIsTakenAwayWhileItIsReadComesLater() throws IOException {
    Path part = job.resolve("results/part-00000.jsonl");
    Path commit = job.resolve("_journal/commits/split-00000.json");
    String whole = content("results", 0);
    // Half a line is what a part looks like that is being replaced on some filesystems.
    Files.writeString(part, whole.substring(0, whole.length() - 30));
    publish(0);

    CommandLineRun refused = follow(look -> end());
    rows.reset();
    Files.writeString(job.resolve("job.json"), running());
    Files.delete(commit);
    CommandLineRun run =
        follow(
            look -> {
              if (look == 1) {
                Files.writeString(part, whole);
                publish(0);
              } else if (look == 2) {
                end();
              }
            });

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("part-00000.jsonl", "is not the next result line");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(written()).isEqualTo(whole);
  }

  @Test
  void aRunThatIsGoneEndsItAsStalled() {
    owner.close();

    CommandLineRun run =
        CommandLineRun.of(
            new ResultsCommand(() -> rows, duration -> {}), "results", job.toString(), "--follow");

    assertThat(run.exitCode()).isEqualTo(130);
    assertThat(run.err()).contains("0 rows were written; the job is stalled.", "no sign of life");
  }

  @Test
  void aJobThatBeginsAnewIsNotFollowed() {
    CommandLineRun run =
        follow(
            look ->
                Files.writeString(
                    job.resolve("job.json"),
                    running().replace("\"generation\" : 1", "\"generation\" : 2")));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("began anew with --rerun");
  }

  @Test
  void aJobMayBeginALittleLater() throws IOException {
    for (int split = 0; split < splits(); split++) {
      publish(split);
    }
    Files.delete(job.resolve("job.json"));

    CommandLineRun late =
        follow(
            look -> {
              if (look == 29) {
                end();
              }
            });
    Files.delete(job.resolve("job.json"));
    CommandLineRun never = follow(look -> {});

    assertThat(late.exitCode()).as(late.err()).isZero();
    assertThat(late.err()).startsWith("There is no job in ").contains("36 rows were written");
    assertThat(never.exitCode()).isEqualTo(2);
    assertThat(never.err()).contains("waiting 30 s for one", "it holds no job.json");
  }

  @Test
  void whatNeedsTheOrderOfTheInputIsRefused() {
    CommandLineRun joined = follow(look -> {}, "--join");
    CommandLineRun requests = follow(look -> {}, "--failed-requests");
    CommandLineRun table = follow(look -> {}, "--format", "parquet", "--to", "x");

    assertThat(List.of(joined, requests, table))
        .extracting(CommandLineRun::exitCode)
        .containsOnly(2);
    assertThat(joined.err()).contains("--follow", "--join");
    assertThat(requests.err()).contains("--follow", "--failed-requests");
    assertThat(table.err()).contains("--follow is about the stream of lines");
  }

  private static ForkedProcess.Command inAnotherProcess(String... words) {
    List<String> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp"));
    all.add(System.getProperty("java.class.path"));
    all.add(Main.class.getName());
    all.addAll(List.of(words));
    return ForkedProcess.command(all);
  }

  @Test
  void anotherProcessFollowsARealRunToItsEnd() throws IOException {
    Path output = folder.resolve("live");
    try (ForkedProcess follower =
        inAnotherProcess("results", output.toString(), "--follow").start()) {
      CommandLineRun run = CommandLineRun.of(run(output).toArray(String[]::new));
      Finished followed = follower.waitFor(LONG_ENOUGH);

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(followed.exitCode()).as("%s", followed).isZero();
      assertThat(followed.stdout().lines().sorted())
          .containsExactlyElementsOf(
              parts(output, "results").stream()
                  .flatMap(FollowedResultsTest::lines)
                  .sorted()
                  .toList());
    }
  }

  private static Stream<String> lines(Path part) {
    try {
      return Files.readAllLines(part).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
