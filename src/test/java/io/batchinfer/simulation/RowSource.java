package io.batchinfer.simulation;

import java.util.ArrayDeque;

/** The rows of a job, claimed in splits; what a lost process leaves open is claimed again. */
final class RowSource {
  private final Workload workload;
  private final int rowsPerSplit;
  private final ArrayDeque<int[]> splits = new ArrayDeque<>();
  private final byte[] settlements;
  private final byte[] reissues;
  private final boolean[] handedOut;
  private int next;
  private boolean closed;
  private int settled;
  private int failed;
  private int taken;
  private int crashing;

  RowSource(Workload workload, int rowsPerSplit) {
    this.workload = workload;
    this.rowsPerSplit = rowsPerSplit;
    this.settlements = new byte[workload.rows()];
    this.reissues = new byte[workload.rows()];
    this.handedOut = new boolean[workload.rows()];
  }

  /** Row numbers to work on; empty when there are none (any more). */
  int[] claim() {
    if (!splits.isEmpty()) {
      return splits.remove();
    }
    int length = closed ? 0 : Math.min(rowsPerSplit, workload.rows() - next);
    int[] split = new int[length];
    for (int i = 0; i < length; i++) {
      split[i] = next++;
    }
    return split;
  }

  Row take(int number) {
    if (!handedOut[number]) {
      handedOut[number] = true;
      taken++;
    }
    return workload.row(number);
  }

  boolean isSettled(int number) {
    return settlements[number] > 0;
  }

  void settle(int number, boolean success) {
    settlements[number]++;
    settled += settlements[number] == 1 ? 1 : 0;
    failed += success ? 0 : 1;
  }

  /** A row ends as the cause of outages. */
  void blame() {
    crashing++;
  }

  int blamed() {
    return crashing;
  }

  void giveBack(int[] open) {
    for (int row : open) {
      reissues[row]++;
    }
    splits.add(open);
  }

  /** Nothing new comes out any more; what was given back still does. */
  void close() {
    closed = true;
  }

  boolean isDone() {
    return settled == taken && splits.isEmpty() && (closed || next == workload.rows());
  }

  int handedOut() {
    return taken;
  }

  int settled() {
    return settled;
  }

  int failed() {
    return failed;
  }

  int settledTwice() {
    int twice = 0;
    for (byte times : settlements) {
      twice += times > 1 ? 1 : 0;
    }
    return twice;
  }

  /** How often other processes began anew with that row. */
  int reissues(int row) {
    return reissues[row];
  }

  int rows() {
    return workload.rows();
  }
}
