package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.testing.Eventually;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class SharedValuesTest {

  private final SharedValues<Object> values = new SharedValues<>();
  private final CountDownLatch making = new CountDownLatch(1);
  private final CountDownLatch mayBeMade = new CountDownLatch(1);

  private Object make() {
    making.countDown();
    try {
      assertThat(mayBeMade.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return new Object();
  }

  /** Interrupts who waits for a value just when that is there, if a test wants it. */
  private static final class Interrupting extends CompletableFuture<Object> {
    private boolean interrupts;

    @Override
    public Object get() throws InterruptedException, ExecutionException {
      if (interrupts) {
        throw new InterruptedException();
      }
      return super.get();
    }
  }

  /** A user on a thread of its own. */
  private final class User {
    private final CompletableFuture<Object> acquired = new CompletableFuture<>();
    private final Thread thread;

    User(Supplier<Object> make) {
      thread =
          new Thread(
              () -> {
                try {
                  acquired.complete(values.acquire("key", make));
                } catch (Throwable thrown) {
                  acquired.completeExceptionally(thrown);
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    User thatWaits() {
      Eventually.await(
          "the user waits",
          LONG_ENOUGH,
          () -> thread.getState() == Thread.State.WAITING,
          () -> thread.getState().toString());
      return this;
    }

    Object value() throws Exception {
      return acquired.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void whoComesWhileItIsMadeWaitsForItAndOtherKeysDoNot() throws Exception {
    User first = new User(this::make);
    assertThat(making.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    User second = new User(Object::new).thatWaits();

    Object other = values.acquire("other", Object::new);
    assertThat(values.release("other")).isTrue();
    mayBeMade.countDown();

    assertThat(first.value()).isSameAs(second.value()).isNotSameAs(other);
    assertThat(values.size()).isEqualTo(1);
    assertThat(values.release("key")).isFalse();
    assertThat(values.release("key")).isTrue();
    assertThat(values.size()).isZero();
  }

  @Test
  void whatCannotBeMadeIsToldToAllWhoWaitAndMadeAnewForTheNext() throws Exception {
    OutOfMemoryError failure = new OutOfMemoryError("scripted");
    User first =
        new User(
            () -> {
              Object unused = make();
              throw failure;
            });
    assertThat(making.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    User second = new User(Object::new).thatWaits();
    mayBeMade.countDown();

    assertThatThrownBy(first::value).hasCause(failure);
    assertThatThrownBy(second::value).hasRootCause(failure);
    AtomicInteger made = new AtomicInteger();
    values.acquire("key", made::incrementAndGet);
    assertThat(made).hasValue(1);
    assertThat(values.release("key")).isTrue();
    assertThat(values.size()).isZero();
  }

  @Test
  void whoIsInterruptedWhileWaitingLeavesNothingBehind() throws Exception {
    User first = new User(this::make);
    assertThat(making.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    User second = new User(Object::new).thatWaits();

    second.thread.interrupt();

    assertThatThrownBy(second::value).hasCauseInstanceOf(InterruptedException.class);
    mayBeMade.countDown();
    assertThat(first.value()).isNotNull();
    assertThat(values.release("key")).isTrue();
    assertThat(values.size()).isZero();
  }

  @Test
  void whoIsInterruptedWhenNobodyElseCouldCloseTheValueKeepsIt() throws Exception {
    Interrupting future = new Interrupting();
    SharedValues<Object> alone = new SharedValues<>(() -> future);
    future.interrupts = true;

    Object value = alone.acquire("key", Object::new);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(value).isSameAs(future.getNow(null));
    assertThat(alone.release("key")).isTrue();
    assertThat(alone.size()).isZero();
  }

  @Test
  void whoIsInterruptedWhenAnotherHasTheValueLeavesItToThat() throws Exception {
    Interrupting future = new Interrupting();
    SharedValues<Object> shared = new SharedValues<>(() -> future);
    Object value = shared.acquire("key", Object::new);
    future.interrupts = true;

    assertThatThrownBy(() -> shared.acquire("key", Object::new))
        .isInstanceOf(InterruptedException.class);

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(value).isNotNull();
    assertThat(shared.size()).isOne();
    assertThat(shared.release("key")).isTrue();
  }

  @Test
  void aMistakeInCountingUsersIsTold() {
    assertThatThrownBy(() -> values.release("key")).isInstanceOf(IllegalStateException.class);
  }
}
