package io.batchinfer.engine.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tasks in threads of this process, with their results in the order of the tasks. The first failure
 * ends the others and is the group's. Thread-safe.
 */
final class TaskGroup<R> extends CompletableFuture<List<R>> {
  private final List<Part<R>> parts;
  private final List<CompletableFuture<R>> results = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  @GuardedBy("this")
  private final List<Thread> atWork = new ArrayList<>();

  /** One of the tasks. */
  @FunctionalInterface
  interface Part<R> {
    /** Does it. */
    R call() throws InterruptedException;
  }

  TaskGroup(List<Part<R>> parts) {
    this.parts = parts;
    parts.forEach(unused -> results.add(new CompletableFuture<>()));
  }

  /** Begins, with so many threads. */
  void begin(Executor pool, int threads) {
    if (parts.isEmpty()) {
      complete(List.of());
    }
    for (int i = 0; i < Math.min(threads, parts.size()); i++) {
      pool.execute(this::work);
    }
  }

  private void work() {
    if (!enter()) {
      return;
    }
    try {
      for (int i = next.getAndIncrement();
          i < parts.size() && !isDone();
          i = next.getAndIncrement()) {
        results.get(i).complete(parts.get(i).call());
      }
      if (results.stream().allMatch(CompletableFuture::isDone)) {
        complete(results.stream().map(CompletableFuture::join).toList());
      }
    } catch (Throwable thrown) {
      fail(thrown);
    } finally {
      leave();
    }
  }

  private synchronized boolean enter() {
    return !isDone() && atWork.add(Thread.currentThread());
  }

  private synchronized void leave() {
    atWork.remove(Thread.currentThread());
    // It was for the task, which is over.
    boolean unused = Thread.interrupted();
  }

  private void fail(Throwable thrown) {
    completeExceptionally(thrown);
    interruptAll();
  }

  private synchronized void interruptAll() {
    atWork.forEach(Thread::interrupt);
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (mayInterrupt) {
      interruptAll();
    }
    return cancelled;
  }

  /** The same without results. */
  Future<Void> withoutResults() {
    return new WithoutResults(this, CompletableFuture.allOf(this));
  }

  private record WithoutResults(Future<?> group, Future<Void> done) implements Future<Void> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      return group.cancel(mayInterrupt);
    }

    @Override
    public boolean isCancelled() {
      return group.isCancelled();
    }

    @Override
    public boolean isDone() {
      return done.isDone();
    }

    @Override
    public Void get() throws InterruptedException, ExecutionException {
      return done.get();
    }

    @Override
    public Void get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      return done.get(timeout, unit);
    }
  }
}
