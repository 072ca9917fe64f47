package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which rows of a split are still to be sent: none twice, none left out. */
class RowsToSendTest {
  private static final int ROWS = 6;

  private final SendingParts parts =
      new SendingParts(
          IntStream.range(0, ROWS).mapToObj(i -> WorkedJob.line("row-" + i)).toList(), 1, Map.of());
  private Plan plan = parts.view.plan();

  @AfterEach
  void close() {
    parts.close();
  }

  private static SplitClaim claim(
      Optional<ErrorCode> closing, Optional<RowsAgain> again, boolean alone, Integer... blamed) {
    return new SplitClaim(
        0,
        closing,
        List.of(),
        again.map(which -> new ReopenedSplit(4, 2, which, Counts.ZERO)),
        alone,
        List.of(blamed));
  }

  private RowsToSend rows(SplitClaim claim) {
    parts.journal.flush().toCompletableFuture().join();
    Split split = parts.split();
    Replay replay =
        Replay.of(
            parts.files,
            parts.job.folder.segments(),
            split.index(),
            parts.journal.ranges(0).stream()
                .map(range -> SegmentName.parse(range.segment()).orElseThrow())
                .distinct()
                .toList());
    return RowsToSend.of(parts.job.folder, plan, parts.view.keys(), claim, replay);
  }

  private static BitSet lines(int... lines) {
    BitSet set = new BitSet();
    for (int line : lines) {
      set.set(line);
    }
    return set;
  }

  private static Unanswered none(ErrorCode code) {
    return new Unanswered(code, "no answer", null);
  }

  private static Answered answered(int status) {
    return new Answered(
        status,
        "",
        new byte[] {'{', '}'},
        Usage.NONE,
        AnswerMarks.NONE,
        status == 200 ? "" : "refused");
  }

  /** Publishes a pair of parts. */
  private void publish(SortedMap<Integer, RowOutcome> rows) {
    ByteArrayOutputStream results = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    rows.forEach(
        (line, outcome) ->
            (outcome.isSuccess() ? results : errors)
                .writeBytes(
                    parts
                        .view
                        .lineWriter()
                        .render(parts.split().row(line), "row-" + line, outcome)));
    if (results.size() > 0) {
      parts.files.put(parts.job.folder.resultPart(0, 1), results.toByteArray());
    }
    if (errors.size() > 0) {
      parts.files.put(parts.job.folder.errorPart(0, 1), errors.toByteArray());
    }
  }

  /** Says that lines are equal to earlier ones. */
  private void equal(int... lines) {
    ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES * lines.length);
    for (int line : lines) {
      numbers.putInt(line);
    }
    parts.files.put(parts.job.folder.equalRows(0) + "/part", numbers.array());
    plan = plan.withEqualRows(new EqualRowCounts(lines.length, 0));
  }

  @Test
  void ofASplitThatNobodyHasHadAllRowsAreOpen() {
    RowsToSend rows = rows(claim(Optional.empty(), Optional.empty(), false));

    assertThat(rows.settled()).isEqualTo(lines());
    assertThat(rows.blamed()).isEqualTo(lines());
    assertThat(rows.alone()).isFalse();
    assertThat(rows.roundOf(0)).isZero();
  }

  @Test
  void whatIsJournalledIsNotSentAgainAndWhatWasClosedIsUnlessTheJobIsClosedAgain() {
    RowSettler settler = parts.path.settler();
    settler.settleUnsent(parts.progress(), 1, null, none(ErrorCode.INVALID_JSON_LINE));
    settler.settleUnsent(parts.progress(), 3, null, none(ErrorCode.BATCH_EXPIRED));

    assertThat(rows(claim(Optional.empty(), Optional.empty(), true, 0, 5)))
        .isEqualTo(new RowsToSend(lines(1), lines(), 0, lines(0, 5), true));
    assertThat(
            rows(claim(Optional.of(ErrorCode.BATCH_CANCELLED), Optional.empty(), false)).settled())
        .isEqualTo(lines(1, 3));
  }

  @Test
  void ofAReopenedSplitOnlyItsFailedRowsRunAgainAndTheRefusedOnesAsNewRequests() {
    publish(
        new TreeMap<>(
            Map.of(
                0, answered(200),
                1, answered(400),
                2, none(ErrorCode.CONNECTION_ERROR),
                3, none(ErrorCode.INVALID_JSON_LINE),
                4, answered(200),
                5, none(ErrorCode.BATCH_EXPIRED))));

    RowsToSend rows = rows(claim(Optional.empty(), Optional.of(RowsAgain.FAILED), true, 2));

    assertThat(rows.settled()).isEqualTo(lines(0, 3, 4));
    assertThat(rows.roundOf(1)).isEqualTo(4);
    assertThat(rows.roundOf(2)).as("may have an answer that got lost").isZero();
    assertThat(rows.blamed()).isEqualTo(lines(2));
    assertThat(rows.alone()).isTrue();
  }

  @Test
  void whatWasSettledSinceTheReopeningIsNotSentAThirdTime() {
    publish(
        new TreeMap<>(
            Map.of(
                0, answered(400),
                1, answered(400),
                2, answered(200),
                3, answered(200),
                4, answered(200),
                5, answered(200))));
    parts.path.settler().settleUnsent(parts.progress(), 1, null, none(ErrorCode.CONNECTION_ERROR));

    assertThat(rows(claim(Optional.empty(), Optional.of(RowsAgain.FAILED), false)).settled())
        .isEqualTo(lines(1, 2, 3, 4, 5));
  }

  @Test
  void rowsThatWaitedForEqualOnesAreOpenUnlessTheyHaveAnOutcome() {
    equal(1, 2, 4, 5);
    publish(
        new TreeMap<>(
            Map.of(
                0, answered(200),
                2, answered(200),
                3, answered(400),
                4, none(ErrorCode.CONNECTION_ERROR))));

    assertThat(rows(claim(Optional.empty(), Optional.of(RowsAgain.WAITING), false)).settled())
        .isEqualTo(lines(0, 2, 3, 4));
  }

  @Test
  void whereNoRowIsEqualToAnotherNoneWaits() {
    equal(1);
    plan = parts.view.plan();
    publish(new TreeMap<>(Map.of(0, answered(200))));

    assertThat(rows(claim(Optional.empty(), Optional.of(RowsAgain.WAITING), false)).settled())
        .isEqualTo(lines(0, 1, 2, 3, 4, 5));
  }
}
