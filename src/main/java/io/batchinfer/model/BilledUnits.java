package io.batchinfer.model;

/**
 * What an answer reports to have used that is no tokens, and that some models are paid by.
 *
 * @param pages of documents that were read
 * @param audioSeconds seconds of audio that were heard
 */
public record BilledUnits(long pages, double audioSeconds) {
  public static final BilledUnits NONE = new BilledUnits(0, 0);

  /** Whether there is anything. */
  public boolean isSome() {
    return pages > 0 || audioSeconds > 0;
  }
}
