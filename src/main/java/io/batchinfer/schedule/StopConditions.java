package io.batchinfer.schedule;

import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * What ends a job of the service beside its own options.
 *
 * @param cancelled whether its end was asked for
 * @param deadline when its time is over
 * @param ending whether one of both is so already: nothing is sent any more, and what is open is
 *     settled as such
 */
public record StopConditions(BooleanSupplier cancelled, Instant deadline, boolean ending) {}
