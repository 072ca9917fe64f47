package io.batchinfer.client;

/** Is told how every attempt of a process ends. */
@FunctionalInterface
public interface AttemptObserver {
  /**
   * An attempt ended. Called on network threads, without a lock; must neither block nor throw.
   *
   * @param replica where it went, by the name of its channel
   * @param nanos from when it was let out
   */
  void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos);
}
