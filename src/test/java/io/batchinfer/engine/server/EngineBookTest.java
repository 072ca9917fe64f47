package io.batchinfer.engine.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineBookTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private final VirtualTime time = new VirtualTime();

  @BeforeEach
  void notAtTheOrigin() {
    time.advance(Duration.ofHours(1));
  }

  private EngineBook book() {
    return new EngineBook("engine", List.of("0", "1"), time, START);
  }

  private void pass(int seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  @Test
  void whatAnEngineTookIsTheTimeOfItsProcesses() {
    EngineBook book = book();
    book.up();
    pass(20);
    book.ready();
    pass(40);
    book.served(300);
    book.down();
    pass(100);
    book.restarted();
    book.up();
    pass(30);
    book.ready();
    book.served(50);

    EngineFigures figures = book.figures();

    assertThat(figures.untilReady()).isEqualTo(Duration.ofSeconds(20));
    assertThat(figures.up()).isEqualTo(Duration.ofSeconds(90));
    assertThat(figures.gpuMinutes()).isEqualTo(3);
    assertThat(figures.restarts()).isEqualTo(1);
    assertThat(figures.requests()).isEqualTo(2);
    assertThat(figures.tokensPerSecond()).isEqualTo(5);
    assertThat(figures.idleBefore()).isEmpty();
  }

  @Test
  void oneThatIsTakenOverTookNothingBefore() {
    EngineBook book = book();
    book.takenOver(Duration.ofSeconds(90));
    pass(60);
    book.served(120);
    book.down();
    pass(60);
    book.down();

    EngineFigures figures = book.figures();

    assertThat(figures.state()).isEqualTo(State.READY);
    assertThat(figures.idleBefore()).contains(Duration.ofSeconds(90));
    assertThat(figures.untilReady()).isZero();
    assertThat(figures.up()).isEqualTo(Duration.ofSeconds(60));
    assertThat(figures.gpuMinutes()).isEqualTo(2);
    assertThat(figures.tokensPerSecond()).isEqualTo(2);
  }

  @Test
  void oneThatIsTakenOverAndStartedAgainWasStillThereAtFirst() {
    EngineBook book = book();
    book.takenOver(Duration.ofSeconds(90));
    pass(10);
    book.down();
    book.restarted();
    book.up();
    pass(50);
    book.ready();

    assertThat(book.figures().untilReady()).isZero();
    assertThat(book.figures().wasReady()).isTrue();
    assertThat(book.figures().restarts()).isEqualTo(1);
  }
}
