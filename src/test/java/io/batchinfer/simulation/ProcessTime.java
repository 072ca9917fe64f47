package io.batchinfer.simulation;

import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import io.batchinfer.time.Ticker;
import io.batchinfer.time.TickerClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ticker, scheduler and wall clock of one process. The wall clock can be stepped; the process can
 * be suspended, with a ticker that stands still meanwhile, and can die.
 */
final class ProcessTime implements Ticker, Scheduler {
  /** The first of January 2026, as the wall clock counts. */
  private static final long ORIGIN =
      Instant.parse("2026-01-01T00:00:00Z").getEpochSecond() * 1_000_000_000L;

  private final SimulatedTime world;
  private final List<Timer> parked = new ArrayList<>();
  private long missed;
  private long suspendedAt;
  private boolean suspended;
  private boolean tickerStands;
  private boolean dead;
  private long wallOffset;

  ProcessTime(SimulatedTime world) {
    this.world = world;
  }

  @Override
  public long nanos() {
    return (suspended && tickerStands ? suspendedAt : world.now()) - missed;
  }

  @Override
  public Cancellable schedule(Runnable task, Duration delay) {
    Timer timer = new Timer(task, nanos() + Math.max(0, delay.toNanos()));
    timer.arm();
    return timer;
  }

  /** Something from outside reaches the process: now, or when it goes on. */
  void reach(Runnable task) {
    new Timer(task, nanos()).fire();
  }

  void stepWallClock(Duration by) {
    wallOffset += by.toNanos();
  }

  /**
   * Nothing of this process runs until it is resumed.
   *
   * @param machine whether the machine is suspended, so that its ticker stands still as well
   */
  void suspend(boolean machine) {
    tickerStands = machine;
    suspendedAt = world.now();
    suspended = true;
  }

  void resume() {
    missed += tickerStands ? world.now() - suspendedAt : 0;
    suspended = false;
    List<Timer> woken = List.copyOf(parked);
    parked.clear();
    woken.forEach(Timer::arm);
  }

  void die() {
    dead = true;
  }

  boolean isDead() {
    return dead;
  }

  Clock clock() {
    return new TickerClock(() -> ORIGIN + world.now() + wallOffset);
  }

  Elapsed elapsed() {
    return new Elapsed(this, clock());
  }

  /** A task of this process, due at a time of its own ticker. */
  private final class Timer implements Cancellable {
    private final Runnable task;
    private final long due;
    private SimulatedTime.@Nullable Event event;
    private boolean cancelled;

    Timer(Runnable task, long due) {
      this.task = task;
      this.due = due;
    }

    void arm() {
      event = world.after(due - nanos(), this::fire);
    }

    void fire() {
      if (dead || cancelled) {
        return;
      }
      if (suspended) {
        parked.add(this);
      } else if (nanos() < due) {
        arm();
      } else {
        task.run();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      if (event != null) {
        event.cancel();
      }
    }
  }
}
