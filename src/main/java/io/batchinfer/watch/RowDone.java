package io.batchinfer.watch;

/**
 * The end of a row that was sent.
 *
 * @param split its split
 * @param line its line in the split, from 0
 * @param path canonical path of its endpoint
 * @param model the model that it names, or empty
 * @param attempts how often it was sent
 * @param error its error code, or empty for a success
 * @param began when it was ready to be sent, by the observer's time
 */
public record RowDone(
    int split, int line, String path, String model, int attempts, String error, long began) {
  /** Whether it was settled with an error. */
  public boolean isFailed() {
    return !error.isEmpty();
  }
}
