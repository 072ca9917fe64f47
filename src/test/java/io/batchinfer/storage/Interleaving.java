package io.batchinfer.storage;

import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import io.batchinfer.time.TickerClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of several processes of which one runs at a time and only as told: at every step the one
 * that is running goes on, unless the schedule deviates there. Time passes only by pauses.
 */
final class Interleaving {
  /** Granularity in which time passes, so that an observer misses nothing in between. */
  static final Duration TICK = Duration.ofMillis(500);

  static final Duration CLOCK_STEP = Duration.ofHours(1);
  private static final int MOST_STEPS = 2_000;
  private static final int NOBODY = -1;

  private final int processes;
  private final Map<Integer, Deviation> schedule;
  private final Runnable observer;
  private final boolean[] ended;
  private final long[] wallOffset;
  private final List<List<Deviation>> alternatives = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private int turn;
  private long now = TICK.toNanos();
  private @Nullable Throwable failure;

  /** What happens at a step instead of the running process going on. */
  sealed interface Deviation {}

  /** Another process runs from here on. */
  record SwitchTo(int process) implements Deviation {}

  /** The running process dies. */
  record Crash() implements Deviation {}

  /** The wall clock of the running process's machine is set forward. */
  record StepClock() implements Deviation {}

  /** What a process does; every step has to be announced with {@link #step}. */
  @FunctionalInterface
  interface Contender {
    void run(int me);
  }

  /** Ends the thread of a process that died, past everything that catches exceptions. */
  private static final class Died extends Error {
    private static final long serialVersionUID = 1;

    Died() {
      super("crashed by the schedule", null, false, false);
    }
  }

  /**
   * @param schedule deviations by the number of the step
   * @param observer called at every step and every tick of time
   */
  Interleaving(int processes, Map<Integer, Deviation> schedule, Runnable observer) {
    this.processes = processes;
    this.schedule = schedule;
    this.observer = observer;
    this.ended = new boolean[processes];
    this.wallOffset = new long[processes];
  }

  /** Runs all processes to their ends. */
  void run(Contender contender) throws InterruptedException {
    for (int i = 0; i < processes; i++) {
      int me = i;
      Thread thread =
          new Thread(
              () -> {
                try {
                  awaitTurn(me);
                  contender.run(me);
                } catch (Died died) {
                  // As the schedule wants it.
                } catch (RuntimeException | Error e) {
                  fail(e);
                } finally {
                  end(me);
                }
              },
              "process-" + i);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw new AssertionError("under " + schedule + ": " + failure.getMessage(), failure);
    }
  }

  /** What else could have happened at every step of this run. */
  List<List<Deviation>> alternatives() {
    return alternatives;
  }

  /** The calling process is about to do something that others can see. */
  void step() {
    int me = threads.indexOf(Thread.currentThread());
    int number = alternatives.size();
    if (number > MOST_STEPS) {
      throw new AssertionError("no end after " + number + " steps");
    }
    alternatives.add(alternativesOf(me));
    observer.run();
    Deviation deviation = schedule.get(number);
    if (deviation instanceof SwitchTo other) {
      handTo(other.process());
      awaitTurn(me);
    } else if (deviation instanceof Crash) {
      throw new Died();
    } else if (deviation instanceof StepClock) {
      wallOffset[me] += CLOCK_STEP.toMillis();
    }
  }

  private List<Deviation> alternativesOf(int me) {
    List<Deviation> all = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      if (i != me && !ended[i]) {
        all.add(new SwitchTo(i));
      }
    }
    all.add(new Crash());
    if (wallOffset[me] == 0) {
      all.add(new StepClock());
    }
    return all;
  }

  private synchronized void handTo(int process) {
    turn = process;
    notifyAll();
  }

  private synchronized void awaitTurn(int me) {
    try {
      while (turn != me) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted between two steps.", e);
    }
  }

  private synchronized void fail(Throwable e) {
    failure = failure == null ? e : failure;
  }

  private synchronized void end(int me) {
    ended[me] = true;
    int next = NOBODY;
    for (int i = processes - 1; i >= 0; i--) {
      next = ended[i] ? next : i;
    }
    handTo(next);
  }

  /** Whether a process has come to its end. */
  boolean hasEnded(int process) {
    return ended[process];
  }

  long nanos() {
    return now;
  }

  /** Time as a process measures it. */
  Elapsed elapsed(int process) {
    return new Elapsed(() -> now, new TickerClock(() -> now + wallOffset[process] * 1_000_000L));
  }

  /** A pause: time passes, in ticks. */
  Pause pause() {
    return duration -> {
      long end = now + Math.max(duration.toNanos(), TICK.toNanos());
      step();
      while (now < end) {
        now += TICK.toNanos();
        observer.run();
      }
    };
  }
}
