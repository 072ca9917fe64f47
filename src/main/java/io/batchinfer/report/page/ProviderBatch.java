package io.batchinfer.report.page;

import java.util.Optional;

/**
 * A batch of a job at its provider. Immutable.
 *
 * @param number among all batches of the job, from 1
 * @param id the provider's; empty until it was created
 * @param model of its rows; empty where they name none
 * @param rows requests in it
 * @param createdMillis when the provider took it, UNIX milliseconds; empty where it has not, or
 *     where an older version of the program followed it
 * @param end what was read of it; empty until then
 */
public record ProviderBatch(
    int number,
    String id,
    String model,
    long rows,
    Optional<Long> createdMillis,
    Optional<End> end) {

  /**
   * What was read of a batch.
   *
   * @param millis when, UNIX milliseconds
   * @param unanswered rows that are to be asked again
   * @param cost of its answers, in the job's currency
   */
  public record End(long millis, long unanswered, double cost) {}
}
