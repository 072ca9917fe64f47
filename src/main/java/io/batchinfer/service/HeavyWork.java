package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Work of one kind of which only a little is done at a time, for all callers. Thread-safe. */
final class HeavyWork {
  /** Each holds a worker thread and some memory while it reads. */
  private static final int AT_ONCE = 2;

  private final Semaphore places = new Semaphore(AT_ONCE);

  /**
   * Does something that may block on a worker thread, then goes on with what it gave.
   *
   * @throws ApiError where there is no place for it at the moment
   */
  <T> void blocking(Call call, Callable<T> work, Consumer<T> then) {
    if (!places.tryAcquire()) {
      throw HeapShare.overloaded();
    }
    call.blocking(
        () -> {
          try {
            return work.call();
          } finally {
            places.release();
          }
        },
        then);
  }
}
