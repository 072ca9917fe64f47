package io.batchinfer.engine.send;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Values that several users of a process share. The first user makes one, outside any lock, while
 * others of the same key wait for it; the last one to release it is told so. Thread-safe.
 */
final class SharedValues<V> {
  private final Map<String, Entry<V>> entries = new HashMap<>();
  private final Supplier<CompletableFuture<V>> futures;
  private volatile int size;

  private static final class Entry<V> {
    private final CompletableFuture<V> value;
    private int users;

    Entry(CompletableFuture<V> value) {
      this.value = value;
    }
  }

  SharedValues() {
    this(CompletableFuture::new);
  }

  /**
   * @param futures makes what users wait for, once for each value
   */
  SharedValues(Supplier<CompletableFuture<V>> futures) {
    this.futures = futures;
  }

  /**
   * The value of that key. Every call that returns needs one {@link #release}.
   *
   * @param make makes the value where there is none; what it throws is thrown to all who wait
   * @throws InterruptedException when the thread was interrupted while another one made the value
   */
  V acquire(String key, Supplier<V> make) throws InterruptedException {
    Entry<V> entry;
    boolean first;
    synchronized (entries) {
      entry = entries.computeIfAbsent(key, unused -> new Entry<>(futures.get()));
      first = entry.users == 0;
      entry.users++;
      size = entries.size();
    }
    boolean acquired = false;
    try {
      if (first) {
        entry.value.complete(make.get());
      }
      V value = entry.value.get();
      acquired = true;
      return value;
    } catch (InterruptedException e) {
      V value = entry.value.getNow(null);
      if (value == null || !isLast(entry)) {
        throw e;
      }
      // Nobody else is left to close it.
      acquired = true;
      Thread.currentThread().interrupt();
      return value;
    } catch (ExecutionException e) {
      throw new IllegalStateException("what this waited for could not be made", e.getCause());
    } catch (Throwable thrown) {
      if (first) {
        entry.value.completeExceptionally(thrown);
      }
      throw thrown;
    } finally {
      if (!acquired) {
        leaveUnmade(key, entry, first);
      }
    }
  }

  /** Gives a value back; whether nobody uses it any more, so that it is to be closed. */
  boolean release(String key) {
    synchronized (entries) {
      Entry<V> entry = entries.get(key);
      if (entry == null) {
        throw new IllegalStateException("released more often than acquired");
      }
      return leave(key, entry);
    }
  }

  /** Whether nobody uses it any more. */
  private boolean leave(String key, Entry<V> entry) {
    synchronized (entries) {
      entry.users--;
      if (entry.users == 0) {
        entries.remove(key, entry);
      }
      size = entries.size();
      return entry.users == 0;
    }
  }

  /**
   * A user has got no value. Where it was to make it, the next user makes one anew; those who wait
   * for this one hear what was thrown.
   */
  private void leaveUnmade(String key, Entry<V> entry, boolean first) {
    synchronized (entries) {
      if (first) {
        entries.remove(key, entry);
      }
      boolean unused = leave(key, entry);
    }
  }

  private boolean isLast(Entry<V> entry) {
    synchronized (entries) {
      return entry.users == 1;
    }
  }

  /** How many values there are. Cheap. */
  int size() {
    return size;
  }
}
