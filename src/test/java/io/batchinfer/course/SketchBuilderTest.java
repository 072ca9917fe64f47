package io.batchinfer.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.RowSketch.SlowRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is kept of rows, and how little of it however much there is. */
class SketchBuilderTest {
  private final SketchBuilder builder = new SketchBuilder();

  private RowSketch sketch() {
    return sketch(List.of(), new TreeMap<>());
  }

  private RowSketch sketch(List<SlowRow> slowest, SortedMap<String, Answers> replicas) {
    return builder.sketch(new long[] {0, 2, 0, 0}, slowest, replicas, new TreeMap<>());
  }

  private static Example example(String customId, String message) {
    return new Example(customId, message);
  }

  @Test
  void everyRowAndEveryAnswerIsCountedInItsClass() {
    builder.row(0);
    builder.row(1);
    builder.row(1);
    builder.answer(0, 1, "stop");
    builder.answer(1024, 1, "stop");
    builder.answer(1024, 2, "length");

    RowSketch sketch = sketch();

    assertThat(sketch.rows()).isEqualTo(3);
    assertThat(sketch.attempts()).containsExactly(1L, 2L);
    assertThat(sketch.promptTokens().total()).isEqualTo(3);
    assertThat(sketch.promptTokens().counts()).hasSize(22).startsWith(1).endsWith(2);
    assertThat(sketch.completionTokens().counts()).containsExactly(0, 2, 0, 1);
    assertThat(sketch.finishReasons()).isEqualTo(Map.of("stop", 2L, "length", 1L));
    assertThat(sketch.latencies().counts()).as("without zeros at the end").containsExactly(0, 2);
  }

  @Test
  void rowsWithVeryManyAttemptsAreInTheLastClass() {
    builder.row(RowSketch.ATTEMPT_CLASSES - 1);
    builder.row(RowSketch.ATTEMPT_CLASSES);
    builder.row(5_000);

    assertThat(sketch().attempts()).hasSize(RowSketch.ATTEMPT_CLASSES).endsWith(0L, 3L);
  }

  @Test
  void threeFailuresOfACodeAreKeptAndEightInAll() {
    List<String> asked = new ArrayList<>();
    for (String code : List.of("a", "b", "c", "d")) {
      for (int row = 0; row < 5; row++) {
        String customId = code + row;
        builder.failure(
            code,
            () -> {
              asked.add(customId);
              return example(customId, "no");
            });
      }
    }

    assertThat(sketch().examples())
        .isEqualTo(
            Map.of(
                "a", List.of(example("a0", "no"), example("a1", "no"), example("a2", "no")),
                "b", List.of(example("b0", "no"), example("b1", "no"), example("b2", "no")),
                "c", List.of(example("c0", "no"), example("c1", "no"))));
    assertThat(asked).as("nobody is asked for what has no room").hasSize(8);
  }

  @Test
  void longIdsAndMessagesAreCutOff() {
    String id = "i".repeat(RowSketch.LONGEST_ID);
    String message = "m".repeat(RowSketch.LONGEST_MESSAGE);
    builder.failure("whole", () -> example(id, message));
    builder.failure("cut", () -> example(id + "i", message + "m"));

    RowSketch sketch = sketch(List.of(new SlowRow(id + "i", 5, 1)), new TreeMap<>());

    assertThat(sketch.examples().get("whole")).containsExactly(example(id, message));
    assertThat(sketch.examples().get("cut"))
        .containsExactly(example(id.substring(1) + "…", message.substring(1) + "…"));
    assertThat(sketch.slowest()).containsExactly(new SlowRow(id.substring(1) + "…", 5, 1));
  }

  @Test
  void sourcesThatHaveNoRoomAreCountedTogether() {
    TreeMap<String, Answers> replicas = new TreeMap<>();
    for (int replica = 0; replica < RowSketch.MOST_NAMES + 2; replica++) {
      replicas.put("http://%02d".formatted(replica), new Answers(1, 10));
    }

    assertThat(sketch(List.of(), replicas).replicas())
        .hasSize(RowSketch.MOST_NAMES + 1)
        .containsEntry(RowSketch.OTHERS, new Answers(2, 20));
  }

  @Test
  void aSumHasWhatBothHaveWhicheverIsLonger() {
    builder.row(1);
    builder.answer(1, 1, "stop");
    RowSketch one = sketch();
    builder.row(4);
    builder.answer(9_000, 0, "length");
    RowSketch two = sketch();

    assertThat(one.plus(two)).isEqualTo(two.plus(one));
    RowSketch both = one.plus(two);
    assertThat(both.rows()).isEqualTo(3);
    assertThat(both.attempts()).containsExactly(0L, 2L, 0L, 0L, 1L);
    assertThat(both.promptTokens().total()).isEqualTo(3);
    assertThat(both.latencies().total()).isEqualTo(4);
    assertThat(both.finishReasons()).isEqualTo(Map.of("stop", 2L, "length", 1L));
  }

  @Test
  void errorsThatDoNotCountAnyMoreShowNoExamples() {
    builder.failure("mended", () -> example("a", "no"));
    builder.failure("still", () -> example("b", "no"));
    builder.row(2);

    RowSketch sketch = sketch().withoutOtherErrors(Set.of("still"));

    assertThat(sketch.examples()).containsOnlyKeys("still");
    assertThat(sketch.rows()).isOne();
    assertThat(sketch.ofRows(7)).isEqualTo(sketch.plus(RowSketch.NONE).ofRows(7));
    assertThat(sketch.ofRows(7).rows()).isEqualTo(7);
    assertThat(sketch.ofRows(7).attempts()).isEqualTo(sketch.attempts());
  }

  @Test
  void theMeanOfNoAnswersIsNone() {
    assertThat(new Answers(0, 0).meanMillis()).isZero();
    assertThat(new Answers(4, 10).meanMillis()).isEqualTo(2.5);
  }
}
