package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.Eventually;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowWindowTest {
  private static final int ROWS = 8;
  private static final long BYTES = 1_000;

  private final AtomicInteger rowLimit = new AtomicInteger(ROWS);
  private final RowWindow window = new RowWindow(rowLimit::get, () -> BYTES);

  @AfterEach
  void letReadersGo() {
    window.close();
  }

  /** A reader on a thread of its own that wants one row in. */
  private final class Reader {
    private final CompletableFuture<Boolean> entered = new CompletableFuture<>();
    private final Thread thread;

    Reader(long bytes) {
      thread =
          new Thread(
              () -> {
                try {
                  entered.complete(window.enter(1, bytes));
                } catch (InterruptedException e) {
                  entered.completeExceptionally(e);
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    Reader thatWaits() {
      Eventually.await(
          "the reader waits",
          LONG_ENOUGH,
          () -> thread.getState() == Thread.State.WAITING,
          () -> thread.getState().toString());
      return this;
    }

    boolean result() {
      return entered.orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS).join();
    }
  }

  private void enter(int rows, long bytes) throws InterruptedException {
    for (int i = 0; i < rows; i++) {
      assertThat(window.enter(1, bytes)).isTrue();
    }
  }

  @Test
  void asManyRowsAsTheLimitGoInWithoutWaiting() throws InterruptedException {
    enter(ROWS, 1);
    assertThat(window.rows()).isEqualTo(ROWS);
  }

  @Test
  void aReaderWaitsUntilThereIsRoomForManyRows() throws InterruptedException {
    enter(ROWS, 1);
    Reader reader = new Reader(1).thatWaits();

    window.leave(1);
    reader.thatWaits();
    assertThat(reader.entered).isNotDone();
    window.leave(1);

    assertThat(reader.result()).isTrue();
    assertThat(window.rows()).isEqualTo(ROWS - 1);
  }

  @Test
  void bytesBoundTheWindowAsRowsDo() throws InterruptedException {
    enter(2, BYTES / 2);
    Reader reader = new Reader(1).thatWaits();

    window.leave(BYTES / 2);

    assertThat(reader.result()).isTrue();
  }

  @Test
  void aRowLargerThanTheWindowGoesInAlone() throws InterruptedException {
    enter(1, 1);
    Reader reader = new Reader(10 * BYTES).thatWaits();

    window.leave(1);

    assertThat(reader.result()).isTrue();
    Reader next = new Reader(1).thatWaits();
    window.leave(10 * BYTES);
    assertThat(next.result()).isTrue();
  }

  @Test
  void aLimitThatGrewLetsMoreIn() throws InterruptedException {
    enter(ROWS, 1);
    rowLimit.set(2 * ROWS);
    enter(ROWS, 1);
    assertThat(window.rows()).isEqualTo(2 * ROWS);
  }

  @Test
  void rowsThatGoTogetherComeInTogether() throws InterruptedException {
    assertThat(window.enter(ROWS - 1, 100)).isTrue();
    Reader one = new Reader(1);
    assertThat(one.result()).isTrue();
    assertThat(window.rows()).isEqualTo(ROWS);
    rowLimit.set(2 * ROWS + 1);
    assertThat(window.enter(ROWS + 1, 100)).isTrue();
    assertThat(window.rows()).isEqualTo(2 * ROWS + 1);
    assertThat(window.bytes()).isEqualTo(201);
  }

  @Test
  void closingSendsWaitingReadersAwayAndLetsNobodyInAgain() throws InterruptedException {
    enter(ROWS, 1);
    Reader one = new Reader(1).thatWaits();
    Reader other = new Reader(1).thatWaits();

    window.close();

    assertThat(one.result()).isFalse();
    assertThat(other.result()).isFalse();
    window.leave(1);
    assertThat(window.enter(1, 1)).isFalse();
  }

  @Test
  void itsBytesAreToldToWhoHoldsWhatTheWindowWaitsFor() throws Exception {
    Object lock = new Object();
    RowWindow asking =
        new RowWindow(
            () -> {
              synchronized (lock) {
                return ROWS;
              }
            },
            () -> BYTES);
    assertThat(asking.enter(1, 7)).isTrue();
    CompletableFuture<Boolean> entered = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                entered.complete(asking.enter(1, 1));
              } catch (InterruptedException e) {
                entered.completeExceptionally(e);
              }
            });
    reader.setDaemon(true);
    CompletableFuture<Long> told;
    synchronized (lock) {
      reader.start();
      Eventually.await(
          "the window waits for the lock",
          LONG_ENOUGH,
          () -> reader.getState() == Thread.State.BLOCKED,
          () -> reader.getState().toString());
      told = CompletableFuture.supplyAsync(asking::bytes);
      assertThat(told.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isEqualTo(7);
    }
    assertThat(entered.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(asking.bytes()).isEqualTo(8);
  }

  @Test
  void aReaderIsWokenWhenMoreRowsMayBeIn() throws InterruptedException {
    enter(ROWS, 1);
    Reader reader = new Reader(1).thatWaits();

    window.grown();
    reader.thatWaits();
    assertThat(reader.entered).isNotDone();
    rowLimit.set(4 * ROWS);
    window.grown();

    assertThat(reader.result()).isTrue();
    assertThat(window.rows()).isEqualTo(ROWS + 1);
  }
}
