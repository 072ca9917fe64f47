package io.batchinfer.engine.send;

import io.batchinfer.time.SystemTime;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What a process has for each of its runs.
 *
 * @param transports its ways to endpoints
 * @param timeOf makes a run's time of who hears what a timer's task throws
 * @param clock the wall clock
 * @param memoryShare bytes that one run may take for its rows and their answers; changes as runs
 *     come and go
 */
record ProcessMeans(
    EndpointTransports transports,
    Function<Consumer<Throwable>, SystemTime> timeOf,
    Clock clock,
    LongSupplier memoryShare) {}
