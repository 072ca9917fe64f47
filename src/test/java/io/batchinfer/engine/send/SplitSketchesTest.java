package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.course.KindCounts;
import io.batchinfer.course.RowKind;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.Example;
import io.batchinfer.course.SketchBuilder;
import io.batchinfer.course.SketchJson;
import io.batchinfer.course.SplitSketch;
import io.batchinfer.course.TokenHistogram;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.watch.WorkObserver;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is told of a split's rows when it is published. */
class SplitSketchesTest {
  private static final RowKind KIND = new RowKind("/v1/chat/completions", "m", false, false);
  private static final AnswerMarks WHOLE = AnswerMarks.NONE;
  private static final AnswerMarks CUT = new AnswerMarks(true, false, false);
  private static final AnswerMarks FILTERED = new AnswerMarks(false, true, false);

  private final JobFolder folder = new JobFolder(InMemoryFiles.filesystem(), "/out");
  private final AnswerTimes answers = new AnswerTimes(WorkObserver.NONE);
  private final SplitSketches sketches = new SplitSketches(folder, answers, "host");
  private final SketchBuilder rows = new SketchBuilder();

  private static JournalEntry entry(
      boolean success, boolean provisional, AnswerMarks marks, Usage usage) {
    String line =
        success
            ? "{}"
            : "{\"custom_id\":\"mine\",\"response\":null,\"error\":{\"code\":\"x\",\"message\":\"why\"}}";
    return new JournalEntry(
        0,
        success,
        provisional,
        marks,
        2,
        0,
        usage,
        success ? "" : "code",
        line.getBytes(StandardCharsets.US_ASCII));
  }

  private void add(JournalEntry entry, @Nullable RowKind kind) {
    SplitSketches.add(rows, entry, kind);
  }

  private RowSketch sketch() {
    return sketches.sketch(rows, new SplitTimes()).rows();
  }

  @Test
  void answersAreToldByWhyTheyEnded() {
    add(entry(true, false, WHOLE, new Usage(5, 9)), KIND);
    add(entry(true, false, CUT, Usage.NONE), KIND);
    add(entry(true, false, FILTERED, Usage.NONE), KIND);

    assertThat(sketch().rows()).isEqualTo(3);
    assertThat(sketch().attempts()).containsExactly(0L, 0L, 3L);
    assertThat(sketch().finishReasons())
        .isEqualTo(Map.of("other", 1L, "length", 1L, "content_filter", 1L));
    assertThat(sketch().promptTokens().counts()[TokenHistogram.classOf(5)]).isOne();
    assertThat(sketch().completionTokens().counts()[TokenHistogram.classOf(9)]).isOne();
    assertThat(sketch().kinds()).isEqualTo(Map.of(KIND, new KindCounts(3, 0, 1, List.of())));
    assertThat(sketch().examples()).isEmpty();
  }

  @Test
  void aFailureThatWasPaidForIsAnAnswerAndAnyOtherIsNone() {
    add(entry(false, false, WHOLE, new Usage(0, 1)), KIND);
    add(entry(false, false, WHOLE, Usage.NONE), KIND);

    assertThat(sketch().finishReasons()).isEqualTo(Map.of("other", 1L));
    assertThat(sketch().examples())
        .isEqualTo(Map.of("code", List.of(new Example("mine", "why"), new Example("mine", "why"))));
    assertThat(sketch().kinds())
        .isEqualTo(Map.of(KIND, new KindCounts(2, 2, 0, List.of("mine", "mine"))));
  }

  @Test
  void aFailureIsCutOffNowhere() {
    add(entry(false, false, CUT, Usage.NONE), KIND);

    assertThat(sketch().kinds()).isEqualTo(Map.of(KIND, new KindCounts(1, 1, 0, List.of("mine"))));
  }

  @Test
  void rowsThatWereClosedOrAnotherProcessHasReadAreOfNoKind() {
    add(entry(false, true, WHOLE, Usage.NONE), KIND);
    add(entry(true, false, WHOLE, Usage.NONE), null);

    assertThat(sketch().rows()).isEqualTo(2);
    assertThat(sketch().kinds()).isEmpty();
  }

  private static void attempted(AnswerTimes answers, long millis) {
    answers.attempted(
        "replica",
        new OutboundRequest("/v1", new OutboundRequest.Json(new byte[0]), Map.of(), 1),
        new Attempt(StatusMeaning.ANSWERED, null, null, null, Optional.empty()),
        millis * 1_000_000);
  }

  @Test
  void whoSentAndWhoAnsweredIsToldWithTheTimesTaken() {
    attempted(answers, 30);
    SplitTimes times = new SplitTimes();
    times.row("slow", 2, 0, 40_000_000);
    times.row("fast", 1, 10_000_000, 20_000_000);

    SplitSketch sketch = sketches.sketch(rows, times);

    assertThat(sketch.millis()).isEqualTo(40);
    assertThat(sketch.rows().processes()).isEqualTo(Map.of("host", new Answers(2, 50)));
    assertThat(sketch.rows().replicas()).isEqualTo(Map.of("replica", new Answers(1, 30)));
    assertThat(sketch.rows().slowest())
        .extracting(RowSketch.SlowRow::customId)
        .containsExactly("slow", "fast");
    assertThat(sketches.sketch(rows, times).rows().replicas()).as("once").isEmpty();
  }

  @Test
  void aProcessThatSentNothingIsNotNamed() {
    assertThat(sketch().processes()).isEmpty();
  }

  @Test
  void aSplitThatRanAgainIsToldAsItIsNow() {
    add(entry(true, false, WHOLE, new Usage(5, 9)), KIND);
    add(entry(false, false, WHOLE, Usage.NONE), KIND);
    SplitTimes before = new SplitTimes();
    before.row("a", 1, 0, 10_000_000);
    folder
        .commits()
        .write(
            0,
            new PartCounts(Counts.ZERO, 0, 0, 0),
            SketchJson.write(sketches.sketch(rows, before)));
    SketchBuilder rerun = new SketchBuilder();
    SplitSketches.add(rerun, entry(true, false, WHOLE, new Usage(5, 9)), KIND);
    SplitTimes after = new SplitTimes();
    after.row("b", 1, 0, 25_000_000);

    SplitSketch again =
        sketches.again(0, sketches.sketch(rerun, after), 2, new TreeMap<>(Map.of()));

    assertThat(again.millis()).isEqualTo(35);
    assertThat(again.rows().rows()).isEqualTo(2);
    assertThat(again.rows().finishReasons()).isEqualTo(Map.of("other", 2L));
    assertThat(again.rows().examples()).as("no row has failed in the end").isEmpty();
    assertThat(again.rows().kinds()).isEqualTo(Map.of(KIND, new KindCounts(2, 0, 0, List.of())));
    assertThat(sketches.again(1, SplitSketch.NONE, 0, Map.of()).rows().kinds()).isEmpty();
  }
}
