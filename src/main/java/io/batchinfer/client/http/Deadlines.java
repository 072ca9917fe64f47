package io.batchinfer.client.http;

import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Time-outs of many exchanges that cost no timer each: those armed within one interval share one,
 * so that each expires at its time or up to an interval later. Confined to one event loop.
 */
final class Deadlines {
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final Scheduler scheduler;
  private final Duration timeout;
  private final Executor loop;
  private @Nullable Group open;

  Deadlines(Scheduler scheduler, Duration timeout, Executor loop) {
    this.scheduler = scheduler;
    this.timeout = timeout;
    this.loop = loop;
  }

  /** Something that can take too long. */
  abstract static class Timed {
    private @Nullable Group group;
    private @Nullable Timed previous;
    private @Nullable Timed next;

    abstract void expired();
  }

  /** Exchanges that were armed within one interval. */
  private static final class Group {
    private @Nullable Timed first;
    private Scheduler.Cancellable expiry = () -> {};
    private boolean closed;

    void add(Timed timed) {
      timed.group = this;
      timed.next = first;
      if (first != null) {
        first.previous = timed;
      }
      first = timed;
    }

    void remove(Timed timed) {
      Timed before = timed.previous;
      Timed after = timed.next;
      if (before == null) {
        first = after;
      } else {
        before.next = after;
      }
      if (after != null) {
        after.previous = before;
      }
      timed.group = null;
      timed.previous = null;
      timed.next = null;
      cancelIfOver();
    }

    void close() {
      closed = true;
      cancelIfOver();
    }

    private void cancelIfOver() {
      if (closed && first == null) {
        expiry.cancel();
      }
    }

    void expire() {
      for (Timed timed = first; timed != null; timed = first) {
        remove(timed);
        timed.expired();
      }
    }
  }

  /** Starts the time-out, or starts it again. */
  void arm(Timed timed) {
    Group current = open == null ? openGroup() : open;
    if (timed.group != current) {
      disarm(timed);
      current.add(timed);
    }
  }

  void disarm(Timed timed) {
    Group group = timed.group;
    if (group != null) {
      group.remove(timed);
    }
  }

  /** Drops the timers; nothing may be armed afterwards. */
  void close() {
    if (open != null) {
      close(open);
    }
  }

  private Group openGroup() {
    Group group = new Group();
    open = group;
    group.expiry = scheduler.schedule(() -> loop.execute(group::expire), timeout.plus(INTERVAL));
    scheduler.schedule(() -> loop.execute(() -> close(group)), INTERVAL);
    return group;
  }

  private void close(Group group) {
    open = null;
    group.close();
  }
}
