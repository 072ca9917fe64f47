package io.batchinfer.spark;

import io.batchinfer.engine.copies.CopiedAnswer;
import org.apache.spark.Partitioner;

/** Sends all answers to rows of a split to one task. */
final class BySplit extends Partitioner {
  private static final long serialVersionUID = 1;

  private final int tasks;

  BySplit(int tasks) {
    this.tasks = tasks;
  }

  @Override
  public int numPartitions() {
    return tasks;
  }

  @Override
  public int getPartition(Object key) {
    return CopiedAnswer.splitOf((Long) key) % tasks;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BySplit by && by.tasks == tasks;
  }

  @Override
  public int hashCode() {
    return tasks;
  }
}
