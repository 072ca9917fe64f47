package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.row.ParsedLine.Request;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much a process has room for. */
class RowRoomTest {
  private static final long MB = 1L << 20;
  private static final long LONG_ENOUGH_SECONDS = 30;

  private final SendingParts parts =
      new SendingParts(
          IntStream.range(0, 40).mapToObj(i -> WorkedJob.line("row-" + i)).toList(), 8, Map.of());
  private final RowRoom room = parts.room;

  @AfterEach
  void close() {
    parts.close();
  }

  /** Settles rows whose lines have that many bytes together, or a little more. */
  private void settle(long bytes) {
    int each = (int) (bytes / 8);
    for (int line = 0; line < 8; line++) {
      parts
          .path
          .settler()
          .settleUnsent(
              parts.progress(),
              line,
              null,
              new Unanswered(ErrorCode.INVALID_JSON_LINE, "x".repeat(each), null));
    }
  }

  /** A reader that wants room; ends with whether it was let in. */
  private CompletableFuture<Boolean> reader(int rows, long bytes) {
    CompletableFuture<Boolean> entered = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                entered.complete(room.enter(rows, bytes));
              } catch (InterruptedException e) {
                entered.completeExceptionally(e);
              }
            },
            "reader");
    thread.setDaemon(true);
    thread.start();
    while (thread.getState() != Thread.State.WAITING && !entered.isDone()) {
      Thread.onSpinWait();
    }
    return entered;
  }

  private static boolean end(CompletableFuture<Boolean> reader) throws Exception {
    return reader.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void rowsAreCountedFromReadingToSettling() throws Exception {
    assertThat(room.enter(3, 3000)).isTrue();
    assertThat(room.rows()).isEqualTo(3);
    assertThat(room.bytes()).isEqualTo(3000);

    room.leave(1000);
    assertThat(room.rows()).isEqualTo(2);
    assertThat(room.bytes()).isEqualTo(2000);
  }

  @Test
  void nothingIsLetInAfterTheEnd() throws Exception {
    room.close();

    assertThat(room.enter(1, 1)).isFalse();
    assertThat(room.rows()).isZero();
  }

  @Test
  void rowsTakeWhatAnswersLeaveAndHalfTheShareAtLeast() throws Exception {
    parts.share.set(100 * MB);
    for (int i = 0; i < 100; i++) {
      room.expect().over(2_000);
    }
    assertThat(room.enter(1, MB)).isTrue();
    assertThat(reader(1, 98 * MB)).isCompletedWithValue(true);
    room.leave(98 * MB);
    // Takes twice as much, with the line that is made of it.
    AnswerMemory.Answer large = room.expect();
    large.accept(20 * MB);
    assertThat(reader(1, 58 * MB)).isCompletedWithValue(true);
    room.leave(58 * MB);
    CompletableFuture<Boolean> waits = reader(1, 60 * MB);
    assertThat(waits).isNotDone();
    room.leave(MB);
    assertThat(end(waits)).as("alone it may be of any size").isTrue();
    room.leave(60 * MB);

    large.accept(90 * MB);
    assertThat(room.enter(1, MB)).isTrue();
    assertThat(reader(1, 49 * MB)).isCompletedWithValue(true);
    waits = reader(1, MB);
    assertThat(waits).isNotDone();
    room.leave(49 * MB);
    assertThat(end(waits)).isTrue();
  }

  @Test
  void aReaderThatWaitsForRoomGoesOnWhenTheProcessGetsMoreSlots() throws Exception {
    // What a few slots may hold.
    int most = 256;
    assertThat(room.enter(most, most)).isTrue();
    CompletableFuture<Boolean> waits = reader(1, 1);
    assertThat(waits).isNotDone();

    parts.grant(1000);

    assertThat(end(waits)).isTrue();
    assertThat(room.rows()).isEqualTo(most + 1);
  }

  @Test
  void memoryHoldsRequestsBackUntilWhatIsSettledIsDurable() throws Exception {
    parts.share.set(12 * MB);
    for (int i = 0; i < 100; i++) {
      room.expect().over(1_100 << 10);
    }
    // Just less than what is flushed at once.
    settle(3_900 << 10);
    SplitProgress progress = parts.progress();
    for (int line = 8; line < 16; line++) {
      Request request = SendingParts.request("x", "/v1/chat/completions", "{}", -1);
      OpenRow row = new OpenRow(line, new RowFate.Sent(request));
      assertThat(parts.sender.send(progress, row, request, 0)).isTrue();
    }
    assertThat(parts.open).as("of 8 slots").hasSize(3);
    assertThat(parts.notices)
        .singleElement()
        .asString()
        .contains("Answers of about 1 MB", "holds 3 at once, so 5 of 8 slots stay free");

    // Waits for whoever is told of the flush.
    parts.journal.close();

    assertThat(parts.open).hasSize(5);
  }

  @Test
  void theJournalIsFullAtHalfTheShareAndNoLongerWhenItIsDurable() {
    parts.share.set(4 * MB);
    settle(MB);
    assertThat(room.isJournalFull()).isFalse();
    assertThat(room.unflushedBytes()).isBetween(MB, MB + 8_000);
    settle(MB);
    assertThat(room.isJournalFull()).isTrue();

    parts.share.set(2 * room.unflushedBytes());
    assertThat(room.isJournalFull()).isFalse();
    parts.share.set(2 * room.unflushedBytes() - 1);
    assertThat(room.isJournalFull()).isTrue();
    parts.share.set(8 * MB);
    assertThat(room.isJournalFull()).isFalse();
    parts.share.set(4 * MB);
    parts.journal.flush().toCompletableFuture().join();
    assertThat(room.unflushedBytes()).isZero();
    assertThat(room.isJournalFull()).isFalse();
  }
}
