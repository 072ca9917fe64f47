package io.batchinfer.job;

import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * What ends a job of the service beside its own options.
 *
 * @param cancelled whether its end was asked for
 * @param deadline when its time is over
 */
public record JobTerms(BooleanSupplier cancelled, Instant deadline) {}
