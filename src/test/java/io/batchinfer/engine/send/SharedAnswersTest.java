package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.Cost;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of rows that may have an answer from elsewhere. */
class SharedAnswersTest {
  private static final Request ROW =
      new Request(
          "mine",
          "/v1/chat/completions",
          "{}".getBytes(UTF_8),
          "m",
          -1,
          false,
          PromptOutline.of("{}".getBytes(UTF_8)));
  private static final String ANSWER =
      "{\"id\":\"x\",\"custom_id\":\"other\",\"response\":{\"status_code\":200,\"request_id\":\"q\",\"body\":{\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}},\"error\":null}\n";

  private static final String FAILURE =
      "{\"id\":\"x\",\"custom_id\":\"other\",\"response\":null,\"error\":{\"code\":\"request_timeout\",\"message\":\"late\"}}\n";

  /** The second split begins behind the first, so that lines of a split and of its unit differ. */
  private static final int SPLIT = 1;

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private @Nullable WorkedJob job;

  private WorkedJob job(String... options) {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < options.length; i += 2) {
      all.put(options[i], options[i + 1]);
    }
    WorkedJob opened = new WorkedJob(files, 12, 6, all);
    opened.folder.writePlan(opened.plan.withEqualRows(new EqualRowCounts(1, 0)));
    job = opened;
    return opened;
  }

  private WorkedJob job() {
    return Objects.requireNonNull(job);
  }

  private int firstLine() {
    return job().splits().get(SPLIT).unitLine();
  }

  /** Says of lines of the split's unit that they are equal to earlier ones. */
  private void equal(int... unitLines) {
    ByteBuffer lines = ByteBuffer.allocate(Integer.BYTES * unitLines.length);
    for (int line : unitLines) {
      lines.putInt(line);
    }
    files.put(job().folder.equalRows(job().splits().get(SPLIT).unit()) + "/part", lines.array());
  }

  /** Gives lines of the split answers; an empty one is to be sent itself. */
  private void copies(CopiedAnswer... answers) {
    CopiesFile.writeAll(job().folder, Stream.of(answers).iterator());
  }

  private static CopiedAnswer copy(int line, String output, String answer) {
    return new CopiedAnswer(
        (long) SPLIT << Integer.SIZE | line, output, answer.getBytes(StandardCharsets.UTF_8));
  }

  private SharedAnswers opened(Optional<ErrorCode> closing) {
    SplitClaim claim =
        new SplitClaim(SPLIT, closing, List.of(), Optional.empty(), false, List.of());
    return SharedAnswers.of(job().view(), job().splits().get(SPLIT), claim);
  }

  private SharedAnswers opened() {
    return opened(Optional.empty());
  }

  @AfterEach
  void end() {
    if (job != null) {
      job.close();
    }
  }

  @Test
  void aRowEqualToAnEarlierOneWaitsUnlessNobodyIsToAnswerThat() {
    job("dedupe", "on");
    equal(firstLine() + 2);

    assertThat(opened().fateOf(1, ROW)).isNull();
    assertThat(opened().fateOf(2, ROW)).isEqualTo(RowFate.WAITS);
    assertThat(opened(Optional.of(ErrorCode.BATCH_CANCELLED)).fateOf(2, ROW)).isNull();
    end();
    job("dedupe", "off");
    assertThat(opened().fateOf(2, ROW)).isNull();
  }

  @Test
  void anAnswerOfAnEqualRowIsTakenUnderTheRowsOwnName() {
    job("dedupe", "on");
    equal(firstLine() + 1, firstLine() + 3);
    copies(copy(1, "", ANSWER.formatted("yes")), copy(3, "", ""));

    SharedAnswers answers = opened();
    RowFate.Copied copied = (RowFate.Copied) Objects.requireNonNull(answers.fateOf(1, ROW));

    assertThat(copied.customId()).isEqualTo("mine");
    assertThat(copied.output()).isEmpty();
    Answered answered = (Answered) copied.answer().outcome();
    assertThat(answered.usage().promptTokens()).isEqualTo(3);
    // Whom it was equal to did not get an answer that can be shared.
    assertThat(answers.fateOf(3, ROW)).isNull();
    answers.close();
  }

  @Test
  void anAnswerOfAnotherJobHasToFitThisOnesSchema() {
    String schema =
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"],\"additionalProperties\":false}";
    job("answer-schema", schema);
    copies(
        copy(0, "/old", ANSWER.formatted("{\\\"a\\\":1}")),
        copy(1, "/old", ANSWER.formatted("{\\\"a\\\":\\\"x\\\"}")),
        copy(2, "", ANSWER.formatted("{\\\"a\\\":\\\"x\\\"}")));

    SharedAnswers answers = opened();

    assertThat(answers.fateOf(0, ROW))
        .isInstanceOfSatisfying(
            RowFate.Copied.class, copied -> assertThat(copied.output()).isEqualTo("/old"));
    assertThat(answers.fateOf(1, ROW)).isNull();
    // Of this job, it went through the same check when it came.
    assertThat(answers.fateOf(2, ROW)).isInstanceOf(RowFate.Copied.class);
  }

  @Test
  void withoutAnyEveryRowIsSent() {
    assertThat(SharedAnswers.none().fateOf(0, ROW)).isNull();
  }

  @Test
  void anAnswerOfAnotherJobIsTakenAsItIsWhereThisOneHasNoSchema() {
    job("dedupe", "on");
    copies(copy(0, "/old", ANSWER.formatted("anything")));

    try (SharedAnswers answers = opened()) {
      assertThat(answers.fateOf(0, ROW)).isInstanceOf(RowFate.Copied.class);
      assertThat(files.openReads()).isOne();
    }
    assertThat(files.openReads()).isZero();
  }

  @Test
  void howTheEqualRowFailedIsHowTheRowFails() {
    job("dedupe", "on");
    copies(copy(0, "", FAILURE));

    RowFate.Copied copied = (RowFate.Copied) Objects.requireNonNull(opened().fateOf(0, ROW));

    assertThat(copied.answer().outcome())
        .isInstanceOfSatisfying(
            Unanswered.class, none -> assertThat(none.code()).isEqualTo(ErrorCode.REQUEST_TIMEOUT));
  }

  @Test
  void aPlanWithoutEqualRowsLetsNoRowWaitWhateverAnEarlierOneLeft() {
    WorkedJob opened = job("dedupe", "on");
    opened.folder.writePlan(opened.plan.withEqualRows(new EqualRowCounts(0, 0)));
    equal(firstLine() + 2);

    assertThat(opened().fateOf(2, ROW)).isNull();
  }

  @Test
  void whatAnAnswerWouldHaveCostIsAtThePriceOfTheWayThatTheRowWouldHaveGone() {
    assertThat(costOfCopy(Map.of())).isEqualTo(Cost.of(3 * 2_000 + 5 * 4_000));
    assertThat(costOfCopy(Map.of("via", "batch"))).isEqualTo(Cost.of((3 * 2_000 + 5 * 4_000) / 2));
  }

  private Cost costOfCopy(Map<String, String> options) {
    job("dedupe", "on");
    copies(copy(0, "", ANSWER.formatted("yes")));
    JobView view = job().view();
    Pricing prices =
        new Pricing(
                PriceTable.parse("prices", List.of("a:m = 2, 4, USD, -, 2026-01-02, s")),
                Optional.of("a"),
                "USD")
            .withBatchDiscount(0.5);
    RunSpec priced =
        new RunSpec(
            ResolvedOptions.ofStrings(options), WorkedJob.job(), view.spec().root(), "", prices);
    SplitClaim claim =
        new SplitClaim(SPLIT, Optional.empty(), List.of(), Optional.empty(), false, List.of());
    try (SharedAnswers answers =
        SharedAnswers.of(
            new JobView(priced, view.folder(), view.plan(), view.keys(), view.rules()),
            job().splits().get(SPLIT),
            claim)) {
      RowFate.Copied copied = (RowFate.Copied) Objects.requireNonNull(answers.fateOf(0, ROW));
      return ((Answered) copied.answer().outcome()).usage().cost();
    } finally {
      end();
      job = null;
    }
  }
}
