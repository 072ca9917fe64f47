package io.batchinfer.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/** Slots for work in progress, and a first-in first-out queue for what waits. Thread-safe. */
final class SlotQueue {
  @GuardedBy("this")
  private final Set<Runnable> waiting = new LinkedHashSet<>();

  @GuardedBy("this")
  private int slots;

  @GuardedBy("this")
  private int queueLimit;

  @GuardedBy("this")
  private int taken;

  /** What became of a request for a slot. */
  enum Entry {
    TAKEN,
    WAITING,
    REFUSED
  }

  SlotQueue(int slots, int queueLimit) {
    this.slots = slots;
    this.queueLimit = queueLimit;
  }

  /** Takes a slot, or waits: then {@code start} runs once, on another thread, with a slot taken. */
  synchronized Entry enter(Runnable start) {
    if (isFree()) {
      taken++;
      return Entry.TAKEN;
    }
    if (waiting.size() >= queueLimit) {
      return Entry.REFUSED;
    }
    waiting.add(start);
    return Entry.WAITING;
  }

  /** True if it was still waiting, and now is not. */
  synchronized boolean stopWaiting(Runnable start) {
    return waiting.remove(start);
  }

  synchronized void release() {
    taken--;
    startWaiting();
  }

  synchronized void resize(int newSlots, int newQueueLimit) {
    slots = newSlots;
    queueLimit = newQueueLimit;
    startWaiting();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  @GuardedBy("this")
  private void startWaiting() {
    Iterator<Runnable> next = waiting.iterator();
    while (isFree() && next.hasNext()) {
      Runnable start = next.next();
      next.remove();
      taken++;
      start.run();
    }
  }

  @GuardedBy("this")
  private boolean isFree() {
    return slots == 0 || taken < slots;
  }
}
