package io.batchinfer.engine.run;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A future whose result is something made of another's. */
record MappedFuture<A, B>(Future<A> first, Function<A, B> made) implements Future<B> {
  @Override
  public boolean cancel(boolean mayInterrupt) {
    return first.cancel(mayInterrupt);
  }

  @Override
  public boolean isCancelled() {
    return first.isCancelled();
  }

  @Override
  public boolean isDone() {
    return first.isDone();
  }

  @Override
  public B get() throws InterruptedException, ExecutionException {
    return made.apply(first.get());
  }

  @Override
  public B get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return made.apply(first.get(timeout, unit));
  }
}
