package io.batchinfer.policy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests under way on connections that have not answered anything yet, and how they get their
 * turn. Many servers give each connection a thread for as long as it is open and leave what lies
 * beyond their threads unread, although the operating system has accepted it (llama.cpp, Apache
 * prefork, gunicorn with threads): a client that goes on using the connections that answer never
 * gets an answer on the others. So where one is silent for much longer than answers take, a
 * connection that has answered makes way: it is closed, which costs it nothing but a handshake, and
 * the server turns to the next one that waits. Each silent request asks for that once, then after
 * twice the time again, so that answers that merely take long close few connections.
 *
 * <p>Pure function of what it is told. Thread-safe.
 */
public final class SilentConnections {
  /** How many times as long as usual is much longer. */
  private static final int OVERDUE = 2;

  /** A pause of the server, or of this process, is not a sign of anything. */
  private static final long LEAST_NANOS = 500_000_000L;

  private static final long LEAST_NANOS_IDLE = 50_000_000L;

  /** Share of the newest answer in what is usual. */
  private static final double NEWEST = 1 / 16.0;

  /** Of a channel that has no connections of its own: nothing is ever silent. */
  public static final SilentConnections UNKNOWN = new SilentConnections();

  @GuardedBy("this")
  private final Set<Silence> open = new LinkedHashSet<>();

  private final AtomicLong usualNanos = new AtomicLong();
  private final AtomicInteger owed = new AtomicInteger();
  private volatile Runnable whenOwed = () -> {};
  private volatile int count;
  private volatile boolean usualOfReused;
  private volatile long nextDueAt;

  /** A request on a connection that has not answered anything yet. */
  public static final class Silence {
    private final long began;
    private long since;
    private int patience = 1;

    private Silence(long began) {
      this.began = began;
      this.since = began;
    }
  }

  /** Whether no connection has to make way: there is no silent one, here or elsewhere. Cheap. */
  public boolean none() {
    return count == 0 && owed.get() == 0;
  }

  /**
   * Sets what happens when another process needs connections to make way.
   *
   * @param task run, by whichever thread tells of it, when connections are to make way for another
   *     process
   */
  public void whenOwed(Runnable task) {
    whenOwed = task;
  }

  /**
   * Takes in what other processes saw.
   *
   * @param usual how long answers take, in nanoseconds; 0 while unknown
   * @param makeWay connections that are to be closed for those of processes that have none that
   *     answers
   */
  public void hear(long usual, int makeWay) {
    if (usual > 0) {
      usualNanos.compareAndSet(0, usual);
    }
    if (makeWay > 0) {
      owed.set(makeWay);
      whenOwed.run();
    }
  }

  /** How long answers take, in nanoseconds; 0 while unknown. */
  public long usualNanos() {
    return usualNanos.get();
  }

  /** Requests under way on such connections. Cheap. */
  public int count() {
    return count;
  }

  /** A request goes out on a connection that has not answered anything yet. */
  public synchronized Silence begin(long now) {
    Silence silence = new Silence(now);
    long due = dueAt(silence, LEAST_NANOS);
    nextDueAt = open.isEmpty() ? due : Math.min(nextDueAt, due);
    open.add(silence);
    count = open.size();
    return silence;
  }

  /** It ended, with or without an answer. */
  public synchronized void end(Silence silence) {
    open.remove(silence);
    count = open.size();
  }

  /**
   * Notes how long an answer took.
   *
   * @param reused whether its connection had answered before: then none of that time was spent
   *     waiting for the server to turn to the connection
   */
  public void answered(long nanos, boolean reused) {
    if (!reused && usualOfReused) {
      return;
    }
    // Two threads at once may lose one of their answers; it is an average.
    long usual = usualNanos.get();
    boolean first = usual == 0 || reused != usualOfReused;
    usualNanos.lazySet(first ? Math.max(1, nanos) : usual + (long) ((nanos - usual) * NEWEST));
    if (reused && !usualOfReused) {
      usualOfReused = true;
    }
  }

  /** Requests that have been silent for much longer than answers take. */
  public int overdue(long now) {
    return count == 0 || usualNanos.get() == 0 ? 0 : countOverdue(now);
  }

  private synchronized int countOverdue(long now) {
    long longest = OVERDUE * usualNanos.get();
    int count = 0;
    for (Silence silence : open) {
      if (now - silence.began <= longest) {
        // The later ones began later.
        break;
      }
      count++;
    }
    return count;
  }

  /**
   * Whether a connection that has answered and is free just now is to be closed. Cheap.
   *
   * @param needed whether a request would go out on it; one that is idle makes way sooner
   */
  public boolean makesWay(boolean needed, long now) {
    if (owed.get() > 0) {
      return owed.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }
    return count > 0
        && usualNanos.get() > 0
        && (!needed || now - nextDueAt >= 0)
        && takeDue(needed ? LEAST_NANOS : LEAST_NANOS_IDLE, now);
  }

  private synchronized boolean takeDue(long least, long now) {
    Silence due = null;
    long next = Long.MAX_VALUE;
    for (Silence silence : open) {
      if (due == null && dueAt(silence, least) - now <= 0) {
        due = silence;
        due.patience *= 2;
        due.since = now;
      }
      next = Math.min(next, dueAt(silence, LEAST_NANOS) - now);
      if (due != null && next <= 0) {
        break;
      }
    }
    nextDueAt = now + Math.min(next, LEAST_NANOS);
    return due != null;
  }

  private long dueAt(Silence silence, long least) {
    return silence.since + silence.patience * Math.max(least, OVERDUE * usualNanos.get());
  }
}
