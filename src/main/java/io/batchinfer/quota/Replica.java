package io.batchinfer.quota;

import org.jspecify.annotations.Nullable;

/**
 * What the authority knows of one replica from all processes that report it: the name stands in
 * messages, the object everywhere else. Compared by identity. Not thread-safe.
 */
final class Replica {
  private final String name;
  private final int place;
  private final ReplicaWatch watch;
  private @Nullable SlotPool pool;
  private int reporters;
  private long usualNanos;

  /**
   * @param place where processes note what they have there: no other replica's while it is known
   * @param watch whether it is there
   */
  Replica(String name, int place, ReplicaWatch watch) {
    this.name = name;
    this.place = place;
    this.watch = watch;
  }

  String name() {
    return name;
  }

  int place() {
    return place;
  }

  ReplicaWatch watch() {
    return watch;
  }

  /** Its slots, or null where slots are for all replicas together. */
  @Nullable SlotPool pool() {
    return pool;
  }

  void pool(SlotPool own) {
    pool = own;
  }

  /** How long its answers take, 0 while unknown. */
  long usualNanos() {
    return usualNanos;
  }

  void takes(long nanos) {
    usualNanos = nanos;
  }

  /** Notes that one more process reports it, or one fewer. */
  void reporters(int change) {
    reporters += change;
  }

  /** Whether a process that is heard of reports it. */
  boolean isReported() {
    return reporters > 0;
  }
}
