package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Why a process can no longer work on a run. */
class ProcessFailureTest {
  private final ProcessFailure failure = new ProcessFailure();

  @Test
  void theFirstCauseCountsAndEveryOneStops() {
    AtomicInteger stopped = new AtomicInteger();
    failure.whenFailed(stopped::incrementAndGet);
    assertThat(stopped).hasValue(0);
    assertThatCode(failure::refuse).doesNotThrowAnyException();
    OutOfMemoryError first = new OutOfMemoryError("scripted");

    failure.unexpected().accept(first);
    failure.broke(new IllegalStateException("later"));

    assertThat(failure.cause()).isSameAs(first);
    assertThat(stopped).hasValue(2);
    assertThatThrownBy(failure::refuse).isSameAs(first);
  }

  @Test
  void whoAsksLateHearsAtOnce() {
    failure.broke(new IllegalStateException("scripted"));
    AtomicInteger stopped = new AtomicInteger();

    failure.whenFailed(stopped::incrementAndGet);

    assertThat(stopped).hasValue(1);
    assertThatThrownBy(failure::refuse).isInstanceOf(RuntimeException.class);
  }

  @Test
  void whatCannotEvenBeStoppedIsNoReasonToThrow() {
    IllegalStateException second = new IllegalStateException("cannot stop");
    failure.whenFailed(
        () -> {
          throw second;
        });

    assertThatCode(() -> failure.broke(new OutOfMemoryError("scripted")))
        .doesNotThrowAnyException();

    Throwable cause = Objects.requireNonNull(failure.cause());
    assertThat(cause).isInstanceOf(OutOfMemoryError.class);
    assertThat(cause.getSuppressed()).contains(second);
  }

  @Test
  void whatIsNoErrorEndsOnlyItsRow() {
    failure.unexpected().accept(new IllegalStateException("a row's"));

    assertThat(failure.cause()).isNull();
  }
}
