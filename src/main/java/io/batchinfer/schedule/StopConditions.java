package io.batchinfer.schedule;

import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * What ends a job of the service, apart from its own options.
 *
 * @param cancelled whether it has been asked to end
 * @param deadline when its time is up
 * @param ending whether either has happened already: nothing more is sent, and open rows are
 *     settled as cancelled or expired
 */
public record StopConditions(BooleanSupplier cancelled, Instant deadline, boolean ending) {}
