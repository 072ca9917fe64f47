package io.batchinfer.model;

/**
 * Numbers that tell older journal entries from newer ones: they grow with every run of a job, and
 * within a run with every time that published rows are taken up again.
 */
public final class JournalEpoch {
  /** How often a run may take up published rows. */
  public static final int MOST_STAGES = 3;

  private JournalEpoch() {}

  /**
   * The number of what a run journals.
   *
   * @param owner number of the driver's ownership of the output
   * @param stage how often the run has taken up published rows so far
   */
  public static long of(long owner, int stage) {
    if (stage < 0 || stage > MOST_STAGES) {
      throw new IllegalArgumentException("no such stage of a run: " + stage);
    }
    return owner * (MOST_STAGES + 1) + stage;
  }
}
