package io.batchinfer.engine.lead;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.SpendingCap;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;

/**
 * What a run shares with others of the same driver, and what ends it apart from its options.
 *
 * @param endpoint limits it shares; empty if it has its own
 * @param group the runs that share one part of the endpoint with it
 * @param spending its part of a cap shared with others
 * @param cancelled whether it has been asked to end, other than by the request in its folder
 * @param deadline when its time is up, apart from its options
 * @param closing codes that settle the open rows as failed when they stop the run, since nobody
 *     will put it right
 * @param workers how many tasks to use, given how many task slots there are
 */
public record RunConstraints(
    Optional<EndpointQuota> endpoint,
    QuotaGroup group,
    Optional<SpendingCap.Share> spending,
    BooleanSupplier cancelled,
    Optional<Instant> deadline,
    Set<ErrorCode> closing,
    IntUnaryOperator workers) {

  /** Those of a run that is alone in its driver. */
  public static RunConstraints alone() {
    return new RunConstraints(
        Optional.empty(),
        QuotaGroup.of(1),
        Optional.empty(),
        () -> false,
        Optional.empty(),
        Set.of(),
        slots -> slots);
  }
}
