package io.batchinfer.storage;

import io.batchinfer.time.Elapsed;
import io.batchinfer.time.TickerClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Several processes in virtual time: one runs at a time, and when it pauses, the one goes on whose
 * pause ends first. The same pauses give the same run.
 */
final class TimedProcesses {
  /** An observer misses nothing that lasts so long. */
  private static final Duration TICK = Duration.ofMillis(500);

  private final int processes;
  private final Runnable observer;
  private final PriorityQueue<Wake> sleeping =
      new PriorityQueue<>(Comparator.comparingLong(Wake::at).thenComparingLong(Wake::number));
  private final List<Thread> threads = new ArrayList<>();
  private final List<Semaphore> turns = new ArrayList<>();
  private long now = 1;
  private long pauses;
  private volatile @Nullable Throwable failure;

  private record Wake(long at, long number, int process) {}

  /** Ends a process whose fellow failed. */
  private static final class Ended extends Error {
    private static final long serialVersionUID = 1;

    Ended() {
      super("another process failed", null, false, false);
    }
  }

  /**
   * @param observer called at every pause and every tick of time
   */
  TimedProcesses(int processes, Runnable observer) {
    this.processes = processes;
    this.observer = observer;
  }

  /** Runs all of them to their ends, and fails as the first of them that does. */
  void run(IntConsumer body) throws InterruptedException {
    for (int i = 0; i < processes; i++) {
      int me = i;
      turns.add(new Semaphore(0));
      sleeping.add(new Wake(now, pauses++, me));
      threads.add(new Thread(() -> live(me, body), "process-" + i));
    }
    threads.forEach(Thread::start);
    wakeNext();
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw new AssertionError(failure.getMessage(), failure);
    }
  }

  private void live(int me, IntConsumer body) {
    try {
      turns.get(me).acquireUninterruptibly();
      refuseAfterFailure();
      body.accept(me);
    } catch (Ended ended) {
      // The failure is told already.
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      wakeNext();
    }
  }

  /** Lets the calling process sleep. */
  void pause(Duration duration) {
    int me = threads.indexOf(Thread.currentThread());
    sleeping.add(new Wake(now + duration.toNanos(), pauses++, me));
    wakeNext();
    turns.get(me).acquireUninterruptibly();
    refuseAfterFailure();
  }

  private void refuseAfterFailure() {
    if (failure != null) {
      throw new Ended();
    }
  }

  private void wakeNext() {
    Wake next = sleeping.poll();
    if (next == null) {
      return;
    }
    try {
      while (now < next.at() && failure == null) {
        now = Math.min(next.at(), now + TICK.toNanos());
        observer.run();
      }
    } catch (AssertionError e) {
      failure = e;
    }
    turns.get(next.process()).release();
  }

  long nanos() {
    return now;
  }

  Elapsed elapsed() {
    return new Elapsed(this::nanos, new TickerClock(this::nanos));
  }
}
