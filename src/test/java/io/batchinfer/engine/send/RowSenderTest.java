package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.course.RowSketch.SlowRow;
import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.engine.send.SendingParts.Sent;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.watch.RowDone;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes out of a worker, and what becomes of it. */
class RowSenderTest {
  /** Both requests of a row, and what it takes besides. */
  private static final long ROOM_OF_ROW = 2L * chat(0).body().length + 8192;

  private final SendingParts parts =
      new SendingParts(
          IntStream.range(0, 6).mapToObj(i -> WorkedJob.line("row-" + i)).toList(),
          2,
          Map.of("embed-batch", "3"));
  private final RowSender sender = parts.sender;
  private final SplitProgress progress = parts.progress();

  @AfterEach
  void close() {
    parts.close();
  }

  private static Request request(String path, String body) {
    return SendingParts.request("name", path, body, -1);
  }

  private static Request chat(int number) {
    return request(
        "/v1/chat/completions", "{\"model\":\"m\",\"messages\":[],\"user\":%4d}".formatted(number));
  }

  private static Request embedding(String text) {
    return request("/v1/embeddings", "{\"model\":\"m\",\"input\":\"%s\"}".formatted(text));
  }

  private boolean send(int line, Request request) throws InterruptedException {
    return sender.send(progress, new OpenRow(line, new RowFate.Sent(request)), request, 0);
  }

  private Sent next() {
    return Objects.requireNonNull(parts.open.poll(), "no request");
  }

  private void assertNothingIsHeld() {
    assertThat(sender.underWay()).isZero();
    assertThat(parts.room.rows()).isZero();
    assertThat(parts.room.bytes()).isZero();
    assertThat(progress.isSettledSoFar()).isTrue();
  }

  @Test
  void aRowHoldsItsRoomUntilItIsSettledAndIsToldWithItsTimes() throws Exception {
    assertThat(send(4, chat(4))).isTrue();

    assertThat(sender.underWay()).isOne();
    assertThat(parts.room.rows()).isOne();
    assertThat(parts.room.bytes()).isEqualTo(ROOM_OF_ROW);
    assertThat(progress.isSettledSoFar()).isFalse();
    assertThat(progress.times().all().count()).isZero();
    parts.time.advance(Duration.ofMillis(700));
    Sent sent = next();
    assertThat(sent.body()).contains("\"user\":   4");
    sent.answer("yes");

    assertNothingIsHeld();
    assertThat(progress.times().slowest()).containsExactly(new SlowRow("name", 700, 1));
    assertThat(parts.ended)
        .containsExactly(
            new RowDone(0, 4, "/v1/chat/completions", "m", 1, "", Duration.ofHours(1).toNanos()));
    JournalEntry entry = parts.entries().get(0);
    assertThat(entry.line()).isEqualTo(4);
    assertThat(SendingParts.line(entry)).contains("yes", "\"custom_id\":\"name\"");
  }

  @Test
  void everyRowGetsItsOwnAnswerInWhateverOrderAnswersCome() throws Exception {
    for (int line = 0; line < 2; line++) {
      assertThat(send(line, chat(line))).isTrue();
    }
    Sent first = next();
    Sent second = next();
    second.answer("to-1");
    first.answer("to-0");

    assertThat(parts.entries()).extracting(JournalEntry::line).containsExactly(0, 1);
    assertThat(SendingParts.line(parts.entries().get(0))).contains("to-0");
    assertThat(SendingParts.line(parts.entries().get(1))).contains("to-1");
    assertNothingIsHeld();
  }

  @Test
  void noMoreThanTheSlotsAreUnderWayAndTheNextGoesAtOnce() throws Exception {
    for (int line = 0; line < 3; line++) {
      assertThat(send(line, chat(line))).isTrue();
    }
    assertThat(parts.open).hasSize(2);
    assertThat(sender.underWay()).isEqualTo(3);

    next().answer("x");
    assertThat(parts.open).hasSize(2);
  }

  @Test
  void rowsThatMayShareARequestWaitForOthersWithoutTakingRoom() throws Exception {
    assertThat(send(0, embedding("a"))).isTrue();
    assertThat(send(1, embedding("b"))).isTrue();
    assertThat(parts.open).isEmpty();
    assertNothingIsHeld();

    assertThat(send(2, embedding("c"))).isTrue();
    assertThat(parts.room.rows()).isEqualTo(3);
    assertThat(parts.room.bytes()).isEqualTo(3 * (2L * embedding("a").body().length + 8192));
    assertThat(sender.underWay()).isEqualTo(3);
    Sent sent = next();
    assertThat(sent.body()).contains("[\"a\",\"b\",\"c\"]");
    sent.answer(
        200,
        "{\"data\":[{\"index\":1,\"embedding\":[1]},{\"index\":0,\"embedding\":[0]},{\"index\":2,\"embedding\":[2]}]}");

    assertNothingIsHeld();
    assertThat(parts.entries()).extracting(JournalEntry::line).containsExactly(0, 1, 2);
    assertThat(SendingParts.line(parts.entries().get(1))).contains("[1]");
  }

  @Test
  void theEndOfASplitSendsWhatStillWaits() throws Exception {
    assertThat(sender.sendWaiting(progress)).isTrue();
    assertThat(send(0, embedding("a"))).isTrue();
    assertThat(send(1, request("/v1/embeddings", "{\"model\":\"n\",\"input\":\"b\"}"))).isTrue();

    assertThat(sender.sendWaiting(progress)).isTrue();

    assertThat(parts.open).hasSize(2);
    assertThat(sender.underWay()).isEqualTo(2);
    assertThat(sender.sendWaiting(progress)).isTrue();
    assertThat(parts.open).hasSize(2);
  }

  @Test
  void aRowThatIsToGoAloneWaitsForNobodyAndSaysWhenItIsOver() throws Exception {
    AtomicInteger over = new AtomicInteger();
    assertThat(sender.sendAlone(progress, 0, embedding("a"), 0, over::incrementAndGet)).isTrue();

    assertThat(over).hasValue(0);
    next().answer(200, "{\"data\":[{\"index\":0,\"embedding\":[1]}]}");

    assertThat(over).hasValue(1);
    assertNothingIsHeld();
    assertThat(parts.entries()).hasSize(1);
  }

  @Test
  void nothingGoesOutOnceTheRunIsStoppedAndWhatWaitsIsLeftOpen() throws Exception {
    assertThat(send(0, embedding("a"))).isTrue();
    parts.stop();

    assertThat(send(1, chat(1))).isFalse();
    assertThat(sender.sendAlone(progress, 2, chat(2), 0, () -> {})).isFalse();
    assertThat(sender.sendWaiting(progress)).as("what waited is gone").isTrue();

    assertThat(parts.open).isEmpty();
    assertNothingIsHeld();
    assertThat(parts.entries()).isEmpty();
  }

  @Test
  void whatWaitsAtTheEndOfASplitIsNotSentByAStoppedRun() throws Exception {
    assertThat(send(0, embedding("a"))).isTrue();
    parts.stop();

    assertThat(sender.sendWaiting(progress)).isFalse();
    assertThat(parts.open).isEmpty();
  }

  @Test
  void nothingGoesOutOnceThereIsRoomForNothing() throws Exception {
    parts.room.close();

    assertThat(send(1, chat(1))).isFalse();
    assertThat(parts.open).isEmpty();
    assertNothingIsHeld();
  }

  @Test
  void aProcessThatIsBrokenSaysWhyInsteadOfSending() {
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    parts.failure.broke(cause);

    assertThatThrownBy(() -> send(1, chat(1))).isSameAs(cause);
    assertThat(parts.open).isEmpty();
  }

  @Test
  void aRowWhoseEndNobodyKnowsIsLeftOpenAndEndsTheRunHere() throws Exception {
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    parts.breaksWith = cause;
    AtomicInteger over = new AtomicInteger();
    assertThat(sender.sendAlone(progress, 0, chat(0), 0, over::incrementAndGet)).isTrue();

    assertThat(parts.failure.cause()).isSameAs(cause);
    assertThat(sender.underWay()).isZero();
    assertThat(parts.room.rows()).isZero();
    assertThat(progress.isSettledSoFar()).as("its split is never published").isFalse();
    assertThat(over).hasValue(1);
    assertThat(parts.ended).isEmpty();
  }

  @Test
  void aRowThatCannotBeKeptEndsTheRunHere() throws Exception {
    assertThat(send(0, chat(0))).isTrue();
    parts.journal.close();
    next().answer("x");

    assertThat(parts.failure.cause()).rootCause().hasMessageContaining("the row is not kept");
    assertThat(sender.underWay()).isZero();
    assertThat(parts.room.rows()).isZero();
    assertThat(progress.isSettledSoFar()).isFalse();
  }

  @Test
  void theRowsGroupGoesWithItsRequest() throws Exception {
    Request request = chat(0);
    assertThat(sender.send(progress, new OpenRow(0, new RowFate.Sent(request), 77), request, 0))
        .isTrue();

    assertThat(next().request().group()).isEqualTo(77);
  }

  @Test
  void aFailedRowIsToldWithItsCode() throws Exception {
    assertThat(send(0, chat(0))).isTrue();
    next().answer(400, "{\"error\":{\"code\":\"too_long\",\"message\":\"no\"}}");

    assertThat(parts.ended).extracting(RowDone::error).isEqualTo(List.of("too_long"));
  }
}
