package io.batchinfer.engine.run;

import java.io.Serializable;

/**
 * Work on one item, done wherever the cluster does it; perhaps more than once. What it holds goes
 * over the wire and is no secret.
 */
@FunctionalInterface
public interface Task<T, R> extends Serializable {
  /** Does it. */
  R call(T item, TaskPlace here) throws InterruptedException;
}
