package io.batchinfer.schedule;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.schedule.InputCheck.Finding;
import io.batchinfer.schedule.InputCheck.Limits;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.StoredWorkspace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputCheckTest {
  private static final Limits LIMITS = new Limits(5, 10_000, 1 << 20, false);
  private static final String EMBEDDINGS = "/v1/embeddings";
  private static final String CHAT = "/v1/chat/completions";

  private final StoredWorkspace stored = new StoredWorkspace();

  private Finding check(String endpoint, String... lines) {
    return check(endpoint, LIMITS, lines);
  }

  private Finding check(String endpoint, Limits limits, String... lines) {
    BatchFile file = stored.file(TEAM, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    BatchRegistry registry = stored.registry();
    return new InputCheck(registry, limits).check(stored.openAi(file, endpoint));
  }

  private static String chat(String id, String model) {
    return """
        {"custom_id":"%s","method":"POST","url":"%s","body":{"model":"%s","messages":[]}}"""
        .formatted(id, CHAT, model);
  }

  private static String embedding(String id, String input) {
    return """
        {"custom_id":"%s","method":"POST","url":"%s","body":{"model":"m","input":%s}}"""
        .formatted(id, EMBEDDINGS, input);
  }

  private static List<String> codes(Finding finding) {
    return finding.problems().stream()
        .map(problem -> problem.code() + (problem.line() == null ? "" : " " + problem.line()))
        .toList();
  }

  @Test
  void aSoundFileHasItsLinesAndItsModel() {
    Finding finding = check(CHAT, chat("a", "m"), "", "  ", chat("b", "m"));

    assertThat(finding).isEqualTo(new Finding(2, "m", List.of()));
  }

  @Test
  void everyBadLineIsNamedByItsPhysicalNumber() {
    Finding finding =
        check(
            CHAT,
            chat("a", "m"),
            "",
            "{",
            chat("a", "m"),
            chat("b", "n"),
            chat("c", "m").replace("chat/completions", "embeddings"));

    assertThat(codes(finding))
        .containsExactly(
            "invalid_json_line 3", "duplicate_custom_id 4", "mismatched_model 5", "invalid_url 6");
    assertThat(finding.problems().get(1).param()).isEqualTo("custom_id");
  }

  @Test
  void mixedModelsAreTakenWhereTheProfileTakesThem() {
    Finding finding =
        check(CHAT, new Limits(5, 10_000, 1 << 20, true), chat("a", "m"), chat("b", "adapter"));

    assertThat(finding).isEqualTo(new Finding(2, null, List.of()));
  }

  @Test
  void oneRequestTooManyAndAFileTooLargeAreProblemsOfTheWholeFile() {
    String[] six =
        Stream.of("a", "b", "c", "d", "e", "f").map(id -> chat(id, "m")).toArray(String[]::new);

    assertThat(codes(check(CHAT, six))).containsExactly("too_many_tasks");
    assertThat(codes(check(CHAT, new Limits(5, 50, 1 << 20, false), chat("a", "m"))))
        .containsExactly("file_too_large");
    assertThat(codes(check(CHAT, " ", ""))).containsExactly("empty_file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "~one text~|1",
        "[~a~,~b~,~c~]|3",
        "[1, 2, 3, 4]|1",
        "[[1,2],[3]]|2",
        "[]|0",
        "[~[1]~, ~],~]|2"
      })
  void embeddingInputsAreCountedInEveryForm(String input, long count) {
    String json = input.replace('~', '"');

    assertThat(
            codes(
                check(
                    EMBEDDINGS,
                    new Limits(Math.max(1, count), 10_000, 1 << 20, false),
                    embedding("a", json))))
        .isEmpty();
    if (count > 1) {
      assertThat(
              codes(
                  check(
                      EMBEDDINGS,
                      new Limits(count - 1, 10_000, 1 << 20, false),
                      embedding("a", json))))
          .containsExactly("too_many_tasks");
    }
  }

  @Test
  void theInputsOfAllRequestsCountTogetherAndOnlyThoseOfEmbeddings() {
    String three = "[\"a\",\"b\",\"c\"]";

    assertThat(codes(check(EMBEDDINGS, embedding("a", three), embedding("b", three))))
        .containsExactly("too_many_tasks");
    assertThat(
            codes(
                check(
                    "/v1/responses",
                    Stream.of("a", "b")
                        .map(id -> embedding(id, three).replace(EMBEDDINGS, "/v1/responses"))
                        .toArray(String[]::new))))
        .isEmpty();
  }

  @Test
  void aFileThatIsNotThereIsAProblemAndOneThatRanOutMeanwhileIsKept() {
    BatchFile expiring =
        stored.file(1, true, stored.time.clock().millis() + Duration.ofHours(1).toMillis());
    BatchJob job = stored.openAi(expiring, CHAT);
    stored.time.advance(Duration.ofHours(2));
    BatchRegistry registry = stored.registry();
    InputCheck check = new InputCheck(registry, LIMITS);

    assertThat(codes(check.check(job))).doesNotContain("invalid_request");
    assertThat(codes(check.check(stored.openAi(expiring, CHAT))))
        .containsExactly("invalid_request");
  }

  @Test
  void aLineThatIsTooLongIsAProblemOfItsOwn() {
    Limits short100 = new Limits(5, 10_000, 150, false);

    assertThat(codes(check(CHAT, short100, chat("a", "m"), chat("b", "m".repeat(200)))))
        .containsExactly("line_too_large 2");
  }

  @Test
  void aFileOfMistakesIsReadUpToTwoHundredOfThem() {
    String bad = Stream.generate(() -> "x").limit(3000).collect(Collectors.joining("\n"));

    List<Problem> problems =
        check(CHAT, new Limits(50_000, 1 << 20, 1 << 20, false), bad).problems();

    assertThat(problems).hasSize(200);
  }
}
