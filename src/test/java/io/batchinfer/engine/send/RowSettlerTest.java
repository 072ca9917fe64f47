package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.journal.JournalEntry;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.RowOutcome.Unreadable;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.row.RecordedOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stands in the journal of a row that has ended. */
class RowSettlerTest {
  private static final Usage USED = new Usage(30, 20).at(Cost.of(700));
  private static final AnswerMarks CUT = new AnswerMarks(true, false, false);

  @SuppressWarnings("NullAway") // What the type does not allow stands for what nobody foresaw.
  private static final byte[] BROKEN = null;

  private final SendingParts parts =
      new SendingParts(Stream.of("a", "b", "c").map(WorkedJob::line).toList(), 8, Map.of());
  private final RowSettler settler = parts.path.settler();
  private final SplitProgress progress = parts.progress();

  @AfterEach
  void close() {
    parts.close();
  }

  private static byte[] json(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Answered answered(int status, String refusal) {
    return new Answered(status, "req", json("{\"n\":1}"), USED, CUT, refusal);
  }

  private void settle(int line, RowOutcome outcome, Stop stop) {
    progress.rowOpened();
    settler.settle(progress, line, "name-" + line, new RowEnd(outcome, 3, 2, stop));
  }

  private JournalEntry entry() {
    assertThat(parts.entries()).hasSize(1);
    return parts.entries().get(0);
  }

  /** Lets the endpoint answer a row with success. */
  private void succeed() throws InterruptedException {
    SplitProgress other = parts.progress();
    RowFate.Sent fate =
        new RowFate.Sent(SendingParts.request("a", "/v1/chat/completions", "{}", -1));
    assertThat(parts.sender.send(other, new OpenRows.OpenRow(0, fate), fate.request(), 0)).isTrue();
    parts.answer("first");
    assertThat(parts.quota.hasSucceeded()).isTrue();
  }

  @Test
  void anAnswerIsKeptWithAllThatItCost() {
    settle(1, answered(200, ""), Stop.NEVER);

    JournalEntry entry = entry();
    assertThat(entry.line()).isEqualTo(1);
    assertThat(entry.success()).isTrue();
    assertThat(entry.provisional()).isFalse();
    assertThat(entry.marks()).isEqualTo(CUT);
    assertThat(entry.attempts()).isEqualTo(3);
    assertThat(entry.mayHaveRun()).isEqualTo(2);
    assertThat(entry.usage()).isEqualTo(USED);
    assertThat(entry.saved()).isEqualTo(Cost.NONE);
    assertThat(entry.error()).isEmpty();
    assertThat(SendingParts.line(entry))
        .contains("\"custom_id\":\"name-1\"", "{\"n\":1}", "\"req\"")
        .endsWith("\n");
    assertThat(progress.isSettledSoFar()).isTrue();
    assertThat(parts.tally.progress(Duration.ZERO, ProcessorTime.NONE).attempts()).isEqualTo(3);
  }

  @Test
  void aRefusalIsCountedByTheEndpointsOwnCodeAndWhatItUsed() {
    settle(0, answered(400, "too_long"), Stop.NEVER);

    JournalEntry entry = entry();
    assertThat(entry.success()).isFalse();
    assertThat(entry.error()).isEqualTo("too_long");
    assertThat(entry.usage()).isEqualTo(USED);
  }

  @Test
  void anAnswerThatDoesNotFitIsPaidFor() {
    settle(
        0,
        new Unfit(answered(200, ""), new Misfit(ErrorCode.UNMATCHED_ANSWER, "not that")),
        Stop.NEVER);

    JournalEntry entry = entry();
    assertThat(entry.success()).isFalse();
    assertThat(entry.error()).isEqualTo(ErrorCode.UNMATCHED_ANSWER.code());
    assertThat(entry.usage()).isEqualTo(USED);
    assertThat(entry.marks()).isEqualTo(AnswerMarks.NONE);
  }

  @Test
  void anAnswerThatCannotBeReadIsAnInvalidResponse() {
    settle(0, new Unreadable(200, "req", "text/html", json("\"x\""), "no JSON"), Stop.NEVER);

    assertThat(entry().error()).isEqualTo(ErrorCode.INVALID_RESPONSE.code());
    assertThat(entry().usage()).isEqualTo(Usage.NONE);
  }

  @Test
  void onlyWhatMayRunAgainByItselfIsProvisional() {
    settler.settleUnsent(
        progress, 0, "a", new Unanswered(ErrorCode.BATCH_EXPIRED, "too late", null));
    settler.settleUnsent(
        progress, 1, null, new Unanswered(ErrorCode.INVALID_JSON_LINE, "bad", "body"));

    List<JournalEntry> entries = parts.entries();
    assertThat(entries).extracting(JournalEntry::provisional).containsExactly(true, false);
    assertThat(entries).extracting(JournalEntry::attempts).containsExactly(0, 0);
    assertThat(entries).extracting(JournalEntry::mayHaveRun).containsExactly(0, 0);
    assertThat(entries).extracting(JournalEntry::usage).containsOnly(Usage.NONE);
    assertThat(SendingParts.line(entries.get(0))).contains("\"custom_id\":\"a\"", "too late");
    assertThat(SendingParts.line(entries.get(1))).contains("\"custom_id\":null", "\"body\"");
  }

  @Test
  void aRowThatWorkersDiedOfMayHaveRun() {
    settler.settleCrashed(progress, 2, "c");

    JournalEntry entry = entry();
    assertThat(entry.line()).isEqualTo(2);
    assertThat(entry.error()).isEqualTo(ErrorCode.ROW_CRASHES_WORKER.code());
    assertThat(entry.attempts()).isOne();
    assertThat(entry.mayHaveRun()).isOne();
  }

  @Test
  void anAnswerThatWasThereCostsNothingAndSaysWhereItIsFrom() {
    RecordedOutcome there = new RecordedOutcome("row-7", answered(200, ""), "m", false);
    settler.settleCopied(progress, 0, new RowFate.Copied("a", "", there));
    settler.settleCopied(progress, 1, new RowFate.Copied("b", "/old", there));

    List<JournalEntry> entries = parts.entries();
    JournalEntry equal = entries.get(0);
    assertThat(equal.success()).isTrue();
    assertThat(equal.provisional()).isFalse();
    assertThat(equal.marks()).isEqualTo(CUT.from(AnswerSource.EQUAL_ROW));
    assertThat(equal.attempts()).isZero();
    assertThat(equal.mayHaveRun()).isZero();
    assertThat(equal.usage()).isEqualTo(USED);
    assertThat(equal.spent().usage()).isEqualTo(Usage.NONE);
    assertThat(SendingParts.line(equal))
        .contains("\"custom_id\":\"a\"", "{\"n\":1}", "\"deduplicated_from\":\"row-7\"");
    assertThat(entries.get(1).marks().source()).isEqualTo(AnswerSource.EARLIER_OUTPUT);
    assertThat(SendingParts.line(entries.get(1))).contains("\"reused_from\":\"/old#row-7\"");
    assertThat(parts.tally.progress(Duration.ZERO, ProcessorTime.NONE).settled()).isEqualTo(2);
  }

  @Test
  void aFailureThatWasThereIsAFailureHereToo() {
    RecordedOutcome there = new RecordedOutcome("row-7", answered(400, "too_long"), "m", false);
    settler.settleCopied(progress, 0, new RowFate.Copied(null, "", there));

    assertThat(entry().success()).isFalse();
    assertThat(entry().error()).isEqualTo("too_long");
  }

  @Test
  void anAnswerOfABatchServiceSaysWhatTheServiceTookOff() {
    settler.settleFetched(
        progress, 0, "a", new RowEnd(answered(200, ""), 2, 1, Stop.NEVER), Cost.of(50));

    JournalEntry entry = entry();
    assertThat(entry.marks()).isEqualTo(CUT.from(AnswerSource.BATCH_SERVICE));
    assertThat(entry.saved()).isEqualTo(Cost.of(50));
    assertThat(entry.attempts()).isEqualTo(2);
    assertThat(entry.mayHaveRun()).isOne();
    assertThat(entry.usage().cost()).isEqualTo(Cost.of(700));
  }

  @Test
  void aRefusalThatEndsTheJobLeavesItsRowOpen() throws InterruptedException {
    succeed();
    settle(1, answered(401, "no_key"), Stop.AT_ONCE);

    assertThat(progress.isSettledSoFar()).isFalse();
    settler.settleSetAside();
    assertThat(parts.entries()).extracting(JournalEntry::line).containsExactly(0);
  }

  @Test
  void aRefusalThatMayEndTheJobIsSetAsideUntilThatIsKnown() {
    settle(0, answered(404, "no_model"), Stop.BEFORE_FIRST_SUCCESS);
    settle(1, answered(404, "no_model"), Stop.BEFORE_FIRST_SUCCESS);

    assertThat(settler.hasSetAside()).isTrue();
    assertThat(parts.entries()).isEmpty();
    assertThat(progress.isSettledSoFar()).isFalse();

    settler.settleSetAside();
    assertThat(settler.hasSetAside()).isFalse();
    assertThat(progress.isSettledSoFar()).isTrue();
    settler.settleSetAside();
    assertThat(parts.entries()).extracting(JournalEntry::line).containsExactly(0, 1);
    assertThat(parts.tally.progress(Duration.ZERO, ProcessorTime.NONE).settled()).isEqualTo(2);
  }

  @Test
  void afterTheFirstSuccessARefusalIsItsRowsOwn() throws InterruptedException {
    succeed();
    settle(1, answered(404, "no_model"), Stop.BEFORE_FIRST_SUCCESS);

    assertThat(settler.hasSetAside()).isFalse();
    assertThat(progress.isSettledSoFar()).isTrue();
    assertThat(parts.entries()).extracting(JournalEntry::line).containsExactly(0, 1);
  }

  /** Such as one that no line can be made of. */
  @Test
  void anAnswerThatThisProgramFailsOnIsSaidToBePaidFor() {
    settle(0, new Answered(200, "req", BROKEN, USED, CUT, ""), Stop.NEVER);

    JournalEntry entry = entry();
    assertThat(entry.success()).isFalse();
    assertThat(entry.error()).isEqualTo(ErrorCode.INVALID_RESPONSE.code());
    assertThat(entry.attempts()).isEqualTo(3);
    assertThat(SendingParts.line(entry)).contains("it was paid for and is not kept");
    assertThat(parts.unexpected).hasSize(1);
    assertThat(progress.isSettledSoFar()).isTrue();
  }

  @Test
  void aRowThatIsNotKeptIsNotSettled() {
    parts.journal.close();

    assertThatThrownBy(() -> settle(0, answered(200, ""), Stop.NEVER))
        .hasMessageContaining("the row is not kept");

    assertThat(progress.isSettledSoFar()).isFalse();
    assertThat(parts.tally.progress(Duration.ZERO, ProcessorTime.NONE).settled()).isZero();
  }
}
