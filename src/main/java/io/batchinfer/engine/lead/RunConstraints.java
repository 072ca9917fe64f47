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
 * What a run has in common with others of the same driver, and what ends it beside its options.
 *
 * @param endpoint limits that it shares; empty for limits of its own
 * @param group the runs with which it has one share of the endpoint
 * @param spending its part of a cap that it shares
 * @param cancelled whether its end was asked for, beside the request in its folder
 * @param deadline when its time is over, beside its options
 * @param closing what, when it stops the run, settles the open rows as failed: nobody will mend it
 * @param workers tasks to use, of the task slots that there are
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
