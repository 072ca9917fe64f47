package io.batchinfer.store;

import static io.batchinfer.store.StoredWorkspace.TEAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.store.FileCheck.Group;
import io.batchinfer.store.FileCheck.Report;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileCheckTest {
  private static final String CHAT = "/v1/chat/completions";

  private final StoredWorkspace stored = new StoredWorkspace();

  private Report check(String content) {
    return new FileCheck(stored.registry().store())
        .check(stored.file(TEAM, content.getBytes(StandardCharsets.UTF_8)), CHAT);
  }

  private static String line(String id) {
    return "{\"custom_id\":\"" + id + "\",\"body\":{\"messages\":[]}}\n";
  }

  @Test
  void aSoundFileHasNoProblems() {
    assertThat(check(line("a") + "\n  \n" + line("b")).problems()).isEmpty();
    assertThat(check(line("a") + "\n" + line("b")).lines()).isEqualTo(2);
    assertThat(check(line("a")).whole()).isTrue();
    assertThat(check("").lines()).isZero();
  }

  @Test
  void linesOfEitherFormAreJudgedAsTheRunJudgesThem() {
    Report report =
        check(
            line("a")
                + "{\"custom_id\":\"b\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{}}\n"
                + "{\"custom_id\":\"c\",\"method\":\"POST\",\"url\":\"/secret\",\"body\":{}}\n");

    assertThat(report.invalid()).isEqualTo(1);
    assertThat(report.problems())
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.code()).isEqualTo("invalid_url");
              assertThat(group.lines()).containsExactly(3L);
            });
  }

  @Test
  void equalProblemsAreOneThoseOfMostLinesFirst() {
    Report report =
        check(
            line("a")
                + "{\"custom_id\":\"x\"}\n"
                + "no\n\nno\nno\nno\nno\nno\n"
                + line("a")
                + line("b"));

    assertThat(report.lines()).isEqualTo(10);
    assertThat(report.invalid()).isEqualTo(8);
    assertThat(report.problems())
        .containsExactly(
            new Group(
                "invalid_json_line",
                "This line is not parseable as valid JSON.",
                6,
                List.of(3L, 5L, 6L, 7L, 8L)),
            new Group(
                "missing_required_parameter",
                "Missing required parameter: 'body'.",
                1,
                List.of(2L)),
            new Group(
                "duplicate_custom_id", "An earlier line has the same custom_id.", 1, List.of(10L)));
  }

  @Test
  void aFileOfAnotherFormIsNamed() {
    assertThat(check("a,b\n1,2\n").form().orElse("")).startsWith("looks like CSV");
    assertThat(check(line("a") + "no\n").form()).isEmpty();
  }

  @Test
  void whatIsLookedAtAndKeptIsBounded() {
    StringBuilder different = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      different.append("{\"custom_id\":\"%d\",\"url\":\"/no/%d\",\"body\":{}}\n".formatted(i, i));
    }
    assertThat(check(different.toString()).problems())
        .hasSize(21)
        .first()
        .isEqualTo(
            new Group("invalid_url", "Other problems.", 80, List.of(21L, 22L, 23L, 24L, 25L)));

    Report many = check("{}\n".repeat(100_001));
    assertThat(many.lines()).isEqualTo(100_000);
    assertThat(many.whole()).isFalse();

    Report wide = check(("x".repeat((9 << 20)) + "\n").repeat(8));
    assertThat(wide.whole()).isFalse();
    assertThat(wide.problems())
        .singleElement()
        .matches(group -> group.code().equals("line_too_large"));
  }
}
