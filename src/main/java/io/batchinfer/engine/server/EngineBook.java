package io.batchinfer.engine.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is known of an engine over all its processes. Thread-safe. */
final class EngineBook {
  private final String name;
  private final List<String> gpus;
  private final Ticker ticker;

  @GuardedBy("this")
  private Instant startedAt;

  @GuardedBy("this")
  private long began;

  @GuardedBy("this")
  private State state = State.STARTING;

  @GuardedBy("this")
  private String words = "";

  @GuardedBy("this")
  private Duration untilReady = Duration.ZERO;

  @GuardedBy("this")
  private int restarts;

  @GuardedBy("this")
  private long upNanos;

  /** When its present process began; 0 where there is none. */
  @GuardedBy("this")
  private long upSince;

  @GuardedBy("this")
  private long answers;

  @GuardedBy("this")
  private long tokens;

  @GuardedBy("this")
  private Optional<Duration> idleBefore = Optional.empty();

  EngineBook(String name, List<String> gpus, Ticker ticker, Instant startedAt) {
    this.name = name;
    this.gpus = List.copyOf(gpus);
    this.ticker = ticker;
    this.startedAt = startedAt;
    this.began = ticker.nanos();
  }

  /**
   * It is there already.
   *
   * @param idle how long it was without work
   */
  synchronized void takenOver(Duration idle) {
    idleBefore = Optional.of(idle);
    up();
    ready();
  }

  /** It begins anew, as another engine of that name. */
  synchronized void beginAnew(Instant at) {
    startedAt = at;
    began = ticker.nanos();
    untilReady = Duration.ZERO;
    restarts = 0;
    answers = 0;
    tokens = 0;
  }

  /** A process of it has begun. */
  synchronized void up() {
    upSince = ticker.nanos();
  }

  /** A process of it has ended. */
  synchronized void down() {
    upNanos += upSince == 0 ? 0 : ticker.nanos() - upSince;
    upSince = 0;
  }

  synchronized void ready() {
    if (untilReady.isZero() && idleBefore.isEmpty()) {
      untilReady = Duration.ofNanos(ticker.nanos() - began);
    }
    is(State.READY, "");
  }

  synchronized void is(State to, String why) {
    state = to;
    words = why;
  }

  /** What another process keeps, and tells of it, apart from the answers. */
  synchronized void mirror(EngineFigures kept) {
    if (!kept.startedAt().equals(startedAt)) {
      beginAnew(kept.startedAt());
    }
    state = kept.state();
    words = kept.words();
    untilReady = kept.untilReady();
    restarts = kept.restarts();
  }

  synchronized void restarted() {
    restarts++;
  }

  /**
   * A row was answered with success.
   *
   * @param written tokens that it wrote
   */
  synchronized void served(long written) {
    answers++;
    tokens += written;
  }

  synchronized long answers() {
    return answers;
  }

  synchronized State state() {
    return state;
  }

  synchronized EngineFigures figures() {
    long up = upNanos + (upSince == 0 ? 0 : ticker.nanos() - upSince);
    return new EngineFigures(
        name,
        state,
        words,
        gpus,
        startedAt,
        untilReady,
        Duration.ofNanos(up),
        restarts,
        answers,
        tokens,
        idleBefore);
  }
}
