package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What ends a run from outside. */
class RunInterruptTest {
  private final RunInterrupt interrupt = new RunInterrupt();
  private final List<String> heard = new ArrayList<>();

  /** Takes back what a test leaves on the thread. */
  @AfterEach
  void forgetInterrupt() {
    boolean unused = Thread.interrupted();
  }

  @Test
  void theFirstRequestCounts() {
    assertThat(interrupt.isInterrupted()).isFalse();

    interrupt.interrupt(143);
    interrupt.interrupt(130);

    assertThat(interrupt.isInterrupted()).isTrue();
    assertThat(interrupt.exitCode()).isEqualTo(143);
  }

  @Test
  void whoListensHearsIt() {
    interrupt.whenInterrupted(() -> heard.add("first"));
    assertThat(heard).isEmpty();

    interrupt.interrupt(130);
    assertThat(heard).containsExactly("first");

    interrupt.whenInterrupted(() -> heard.add("second"));
    assertThat(heard).as("a late listener hears it at once").containsExactly("first", "second");
  }

  @Test
  void anInterruptOfTheThreadIsOneOfTheRunAndComesBackAtItsEnd() {
    assertThat(interrupt.hearInterrupt()).isFalse();
    assertThat(interrupt.isInterrupted()).isFalse();

    Thread.currentThread().interrupt();
    assertThat(interrupt.hearInterrupt()).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).as("it saves without it").isFalse();
    assertThat(interrupt.exitCode()).isEqualTo(ErrorCode.INTERRUPTED.exitCode());

    interrupt.restoreInterrupt();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptThatWasThrownComesBackAsWell() {
    interrupt.heardInterrupt();

    assertThat(interrupt.exitCode()).isEqualTo(ErrorCode.INTERRUPTED.exitCode());
    interrupt.restoreInterrupt();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aThreadThatWasNotInterruptedIsNotAfterwards() {
    interrupt.interrupt(130);
    interrupt.restoreInterrupt();

    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void filesFailByInterruptsInTwoWays() {
    assertThat(RunInterrupt.isOfInterrupt(new IOException(new ClosedByInterruptException())))
        .isTrue();
    assertThat(RunInterrupt.isOfInterrupt(new RuntimeException(new InterruptedIOException())))
        .isTrue();
    assertThat(RunInterrupt.isOfInterrupt(new IOException(new SocketTimeoutException()))).isFalse();
    assertThat(RunInterrupt.isOfInterrupt(new IOException("disk"))).isFalse();
  }

  @Test
  void theFirstCauseCounts() {
    Throwable first = new IllegalStateException("first");
    assertThat(interrupt.failure()).isNull();

    interrupt.broke(first);
    interrupt.broke(new IllegalStateException("second"));

    assertThat(interrupt.failure()).isSameAs(first);
    assertThat(interrupt.isInterrupted()).isFalse();
  }
}
