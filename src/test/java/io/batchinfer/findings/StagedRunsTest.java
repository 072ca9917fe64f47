package io.batchinfer.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.JobCourse;
import io.batchinfer.job.JobFolder;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What real runs left of which each went wrong in one way, or well: {@code scripts/bench/findings}
 * staged and recorded them.
 */
class StagedRunsTest {
  private static final Path STAGED = Path.of("src/test/resources/findings");

  /** By the recording's name, what is to be found in it; all of it and nothing else. */
  private static final Map<String, List<String>> EXPECTED =
      Map.ofEntries(
          Map.entry("healthy", List.of()),
          Map.entry("short", List.of()),
          Map.entry("request-limit", List.of("request_limit")),
          Map.entry("token-limit", List.of("token_limit")),
          Map.entry("token-estimates", List.of("token_estimates")),
          Map.entry("rows-not-ready", List.of("rows_not_ready")),
          Map.entry("concurrency", List.of("concurrency_limit")),
          Map.entry("late-journal", List.of("late_journal")),
          Map.entry("busy-machine", List.of("busy_machine")),
          // The same while others kept the machine busy as well, so that it got a tenth of it.
          Map.entry("shared-machine", List.of("busy_machine")),
          Map.entry("cut-off-answers", List.of("cut_off_answers")),
          Map.entry("slow-replica", List.of("slow_replica")),
          Map.entry("proxy-time-limit", List.of("proxy_time_limit")),
          Map.entry("one-error", List.of("one_error")),
          Map.entry("one-kind", List.of("one_kind_fails")),
          Map.entry("many-refusals", List.of("many_refusals")),
          Map.entry("endpoint-away", List.of("endpoint_away")),
          Map.entry("may-have-run", List.of("may_have_run")),
          Map.entry("equal-rows", List.of("equal_rows_sent")),
          Map.entry("prompt-cache", List.of("prompt_cache_missed")),
          Map.entry("many-retries", List.of("many_retries")));

  @TestFactory
  List<DynamicTest> ofEachRunWhatIsTheMatterIsFoundAndNothingElse() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> runs = Files.list(STAGED)) {
      for (Path run : runs.sorted().toList()) {
        String name = run.getFileName().toString();
        tests.add(
            DynamicTest.dynamicTest(
                name, () -> assertThat(found(run)).isEqualTo(EXPECTED.get(name))));
      }
    }
    return tests;
  }

  @Test
  void everyFindingWasStagedAndEveryStagedRunIsRecorded() throws IOException {
    try (Stream<Path> runs = Files.list(STAGED)) {
      assertThat(runs.map(run -> run.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(EXPECTED.keySet());
    }
    assertThat(EXPECTED.values().stream().flatMap(List::stream).distinct())
        .containsExactlyInAnyOrderElementsOf(Findings.rules().stream().map(Rule::code).toList());
  }

  private static List<String> found(Path run) throws IOException {
    JobFolder folder = folder(run);
    return Findings.of(folder.readRecord().orElseThrow(), JobCourse.read(folder)).stream()
        .map(Finding::code)
        .toList();
  }

  private static JobFolder folder(Path run) throws IOException {
    InMemoryFiles files = InMemoryFiles.filesystem();
    try (Stream<Path> kept = Files.walk(run)) {
      for (Path file : kept.filter(Files::isRegularFile).toList()) {
        files.put("/out/" + run.relativize(file), Files.readAllBytes(file));
      }
    }
    return new JobFolder(files, "/out");
  }
}
