package io.batchinfer.simulation;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The time of the whole simulation: a heap of events, run in order of time, then of arrival. */
final class SimulatedTime {
  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long now;
  private long scheduled;

  long now() {
    return now;
  }

  Event after(long nanos, Runnable task) {
    Event event = new Event(now + Math.max(0, nanos), scheduled++, task);
    events.add(event);
    return event;
  }

  void at(double seconds, Runnable task) {
    after((long) (seconds * SECOND) - now, task);
  }

  /** Runs what is due until then, each event at its own time. */
  void runUntil(long end) {
    while (!events.isEmpty() && events.element().at <= end) {
      Event event = events.remove();
      if (event.task != null) {
        now = event.at;
        event.task.run();
      }
    }
    now = end;
  }

  /** An event to come. */
  static final class Event implements Comparable<Event> {
    private final long at;
    private final long number;
    private @Nullable Runnable task;

    Event(long at, long number, Runnable task) {
      this.at = at;
      this.number = number;
      this.task = task;
    }

    /** Its place in the heap is left to its time: taking it out would cost more. */
    void cancel() {
      task = null;
    }

    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
    }
  }
}
