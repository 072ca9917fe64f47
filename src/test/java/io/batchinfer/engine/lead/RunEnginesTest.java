package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunEnginesTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private final RunEngines engines = new RunEngines();

  private static EngineFigures figures(
      State state, Duration untilReady, Duration up, int restarts, long requests) {
    return new EngineFigures(
        "engine of machine a",
        state,
        "",
        List.of(),
        START,
        untilReady,
        up,
        restarts,
        requests,
        10 * requests);
  }

  private static EngineFigures starting(int restarts) {
    return figures(State.STARTING, Duration.ZERO, Duration.ofSeconds(1), restarts, 0);
  }

  private static EngineFigures ready(Duration up, int restarts, long requests) {
    return figures(State.READY, Duration.ofSeconds(5), up, restarts, requests);
  }

  @Test
  void anEngineThatWasStartedAgainBeforeItWasReadyIsReadyForTheFirstTime() {
    engines.begin();

    assertThat(engines.hear("1", starting(0))).contains("The engine of machine a is starting.");
    engines.hear("1", starting(1));

    assertThat(engines.hear("1", ready(Duration.ofSeconds(5), 1, 0)))
        .contains("The engine of machine a is ready after 5.0 s.");
    engines.hear("1", figures(State.STARTING, Duration.ofSeconds(5), Duration.ZERO, 2, 0));
    assertThat(engines.hear("1", ready(Duration.ofSeconds(9), 2, 0)))
        .contains("The engine of machine a is ready again.");
  }

  @Test
  void anEngineThatWasKeptWarmIsReadyAtOnceAndReadyAgainWhenItDies() {
    engines.begin();
    EngineFigures kept =
        new EngineFigures(
            "engine of executor 1",
            State.READY,
            "",
            List.of("0", "1"),
            START,
            Duration.ZERO,
            Duration.ofSeconds(60),
            0,
            3,
            600,
            Optional.of(Duration.ofSeconds(90)));

    assertThat(engines.hear("1", kept))
        .contains("The engine of executor 1 was kept warm for 90 s and is ready.");
    assertThat(kept.gpuMinutes()).isEqualTo(2);
    assertThat(kept.tokensPerSecond()).isEqualTo(10);
    assertThat(engines.hear("1", withRestart(kept)))
        .contains("The engine of executor 1 is ready again.");
  }

  private static EngineFigures withRestart(EngineFigures kept) {
    return new EngineFigures(
        kept.name(),
        State.READY,
        "",
        kept.gpus(),
        kept.startedAt(),
        Duration.ZERO,
        kept.up(),
        1,
        kept.requests(),
        kept.tokens(),
        kept.idleBefore());
  }

  @Test
  void anEngineThatSeveralUseIsOneAndTheirAnswersAreCountedTogether() {
    engines.begin();
    engines.hear("1", starting(0));
    assertThat(engines.hear("2", figures(State.STARTING, Duration.ZERO, Duration.ZERO, 0, 0)))
        .isEmpty();
    engines.hear("1", ready(Duration.ofSeconds(20), 0, 30));
    assertThat(engines.hear("2", ready(Duration.ZERO, 0, 12))).isEmpty();

    assertThat(engines.figures())
        .singleElement()
        .satisfies(
            engine -> {
              assertThat(engine.requests()).isEqualTo(42);
              assertThat(engine.tokens()).isEqualTo(420);
              assertThat(engine.up()).isEqualTo(Duration.ofSeconds(20));
            });
  }

  @Test
  void anEngineThatNeverBeganIsNotTold() {
    engines.begin();

    engines.hear("1", figures(State.ENDED, Duration.ZERO, Duration.ZERO, 0, 0));

    assertThat(engines.isKnown()).isTrue();
    assertThat(engines.figures()).isEmpty();
  }
}
