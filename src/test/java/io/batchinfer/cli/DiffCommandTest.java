package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is said of two outputs of a simulated endpoint, whose answers depend on the request alone.
 */
class DiffCommandTest {
  private static final int ROWS = 60;
  private static final long SHUFFLE = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static Path first;
  private static Path shuffled;
  private static Path edited;

  @TempDir Path folder;

  @BeforeAll
  static void runTheJobs() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      lines.add(line(i, i % 20 == 7 ? "[[fault:http_400]]" : "say " + i));
    }
    first = run("first", lines, "2kB");
    List<String> inAnotherOrder = new ArrayList<>(lines);
    Collections.shuffle(inAnotherOrder, new Random(SHUFFLE));
    shuffled = run("shuffled", inAnotherOrder, "1MB");

    List<String> changed = new ArrayList<>(lines);
    changed.set(3, line(3, "say <b>something</b> else"));
    changed.set(4, line(4, "[[fault:http_400]]"));
    changed.set(7, line(7, "say it after all"));
    changed.set(27, line(27, "[[fault:http_422]]"));
    changed.remove(0);
    changed.add(line(ROWS, "one more"));
    changed.add(line(ROWS, "the same id again"));
    changed.add("{\"note\":\"no id\"}");
    edited = run("edited", changed, "2kB");
  }

  private static String line(int number, String content) {
    return "{\"custom_id\":\"row-%03d\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
        .formatted(number, content);
  }

  private static Path run(String name, List<String> lines, String splitBytes) throws IOException {
    Path input = shared.resolve(name + ".jsonl");
    Files.write(input, lines);
    Path output = shared.resolve(name);
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "-i",
            input.toString(),
            "-o",
            output.toString(),
            "--simulate",
            "--on-invalid",
            "record",
            "--max-failure-rate",
            "0.5",
            "--split-bytes",
            splitBytes);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return output;
  }

  private static CommandLineRun diff(Object... arguments) {
    return CommandLineRun.of(
        Stream.concat(Stream.of("diff"), Stream.of(arguments).map(String::valueOf))
            .toArray(String[]::new));
  }

  private static JsonNode json(int exitCode, Object... arguments) throws IOException {
    CommandLineRun run = diff(Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.out()).hasLineCount(1);
    return JSON.readTree(run.out());
  }

  @Test
  void theSameRowsInAnotherOrderAndOtherPartsAreTheSame() throws IOException {
    try (Stream<Path> parts = Files.list(first.resolve("results"))) {
      assertThat(parts.count()).isGreaterThan(1);
    }

    CommandLineRun run = diff(first, shuffled);
    JsonNode json = json(0, first, shuffled);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("60 rows are in both outputs; 60 (100 %) ended alike in both.");
    assertThat(json.path("status").asText()).isEqualTo("same");
    assertThat(json.path("both").asInt()).isEqualTo(ROWS);
    assertThat(json.path("same").asInt()).isEqualTo(57);
    assertThat(json.path("failed_alike").asInt()).isEqualTo(3);
    assertThat(json.path("changed").asInt(-1)).isZero();
  }

  @Test
  void whatDiffersIsCountedByItsKind() throws IOException {
    JsonNode json = json(1, first, edited);

    assertThat(json.path("status").asText()).isEqualTo("different");
    assertThat(json.path("exit_code").asInt()).isEqualTo(1);
    assertThat(json.path("both").asInt()).isEqualTo(59);
    assertThat(json.path("changed").asInt()).isEqualTo(1);
    assertThat(json.path("ended_otherwise").asInt()).isEqualTo(3);
    assertThat(json.path("failed_alike").asInt()).isEqualTo(1);
    assertThat(json.path("same").asInt()).isEqualTo(54);
    assertThat(json.path("only_first").asInt()).isEqualTo(1);
    assertThat(json.path("only_second").asInt()).isEqualTo(1);
    assertThat(json.at("/second/not_compared").asInt()).isEqualTo(2);
    assertThat(json.path("endings")).hasSize(3);
    assertThat(json.path("endings"))
        .allSatisfy(ending -> assertThat(ending.path("rows").asInt()).isEqualTo(1));
  }

  @Test
  void tokensAndCostStandSideBySide() throws IOException {
    JsonNode json = json(1, first, edited);
    JsonNode record = JSON.readTree(first.resolve("job.json").toFile());

    assertThat(json.at("/first/prompt_tokens").asLong())
        .isEqualTo(record.path("prompt_tokens").asLong());
    assertThat(json.at("/first/cost").asDouble()).isEqualTo(record.path("cost").asDouble());
    assertThat(json.at("/first/cost").asDouble()).isPositive();
    // The first output alone has a row more.
    assertThat(json.at("/first/rows_in_both/completion_tokens").asLong())
        .isPositive()
        .isLessThan(json.at("/first/completion_tokens").asLong());
    assertThat(json.at("/first/rows_in_both/cost").asDouble())
        .isPositive()
        .isLessThan(json.at("/first/cost").asDouble());
  }

  @Test
  void examplesShowWhatBothSay() throws IOException {
    CommandLineRun run = diff(first, edited, "-n", 1);
    JsonNode examples = json(1, first, edited).path("examples");

    assertThat(run.out())
        .contains(
            "Rows with another answer, for example\n  row-003\n    first:  Simulated answer",
            "Rows only in the first, for example\n  row-000\n",
            "Rows only in the second, for example\n  row-060\n",
            "succeeded, then ");
    assertThat(examples).hasSize(7);
    assertThat(run.out().lines().filter(line -> line.startsWith("  row-"))).hasSize(5);
    assertThat(examples)
        .filteredOn(example -> example.path("kind").asText().equals("ended_otherwise"))
        .extracting(example -> example.path("custom_id").asText())
        .containsExactly("row-004", "row-007", "row-027");
  }

  @Test
  void thePageLoadsNothingAndShowsNoMarkupOfAnswers() throws IOException {
    Path page = folder.resolve("differences.html");
    Path echoing = folder.resolve("markup");
    copy(first, echoing);
    Path part = echoing.resolve("results/part-00000.jsonl");
    Files.writeString(
        part,
        Files.readString(part).replaceFirst("Simulated answer: ", "<script>alert(1)</script>&"));

    CommandLineRun run = diff(first, echoing, "--html", page);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    String html = Files.readString(page);
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .contains("60 rows are in both outputs", "&lt;script&gt;alert(1)", "Length of the answers")
        .doesNotContain("<script", "src=", "href=", "url(", "@import");
    assertThat(html.split("<figure>", -1)).hasSize(3);
    assertThat(html.split("<figcaption>", -1)).hasSize(3);
  }

  @Test
  void anOutputThatIsNotFinishedIsComparedAsFarAsItIs() throws IOException {
    Path half = folder.resolve("half");
    copy(first, half);
    Path record = half.resolve("job.json");
    Files.writeString(record, Files.readString(record).replace("completed\"", "interrupted\""));
    Files.delete(half.resolve("_journal/commits/split-00000.json"));

    CommandLineRun run = diff(first, half);
    JsonNode json = json(0, first, half);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("The second output is not finished (interrupted): ", " of its 60 rows");
    assertThat(json.at("/second/whole").asBoolean(true)).isFalse();
    assertThat(json.path("only_first").asInt()).isPositive();
    assertThat(json.path("both").asInt() + json.path("only_first").asInt()).isEqualTo(ROWS);
  }

  @Test
  void aPartThatWasTakenAwayIsTroubleAndNoDifference() throws IOException {
    Path robbed = folder.resolve("robbed");
    copy(first, robbed);
    Files.delete(robbed.resolve("results/part-00001.jsonl"));
    Path cut = folder.resolve("cut");
    copy(first, cut);
    Path part = cut.resolve("results/part-00001.jsonl");
    String text = Files.readString(part);
    Files.writeString(part, text.substring(0, text.length() - 20));

    CommandLineRun missing = diff(first, robbed);
    CommandLineRun broken = diff(first, cut, "--json");

    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).contains("split 1", "\"batchinfer verify\" says which");
    assertThat(broken.exitCode()).isEqualTo(2);
    assertThat(JSON.readTree(broken.out()).path("exit_code").asInt()).isEqualTo(2);
  }

  @Test
  void whatIsNoOutputIsNamed() {
    CommandLineRun absent = diff(first, folder.resolve("absent"));
    CommandLineRun one = diff(first);
    CommandLineRun twice = diff(first, edited, "--with", edited);
    CommandLineRun aFolder = diff(first, edited, "--html", folder);
    CommandLineRun tooMany = diff(first, edited, "-n", 1001);

    assertThat(absent.err()).contains("There is no folder", "absent");
    assertThat(one.err()).contains("Option --with is missing");
    assertThat(twice.err()).contains("The second output is given twice");
    assertThat(aFolder.err()).contains("is a folder, but the page is one file");
    assertThat(tooMany.err()).contains("more examples than anybody reads");
    assertThat(List.of(absent, one, twice, aFolder, tooMany))
        .extracting(CommandLineRun::exitCode)
        .containsOnly(2);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
