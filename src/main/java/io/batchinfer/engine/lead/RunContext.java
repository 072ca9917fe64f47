package io.batchinfer.engine.lead;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.storage.Ownership;
import io.batchinfer.time.Time;
import java.time.Clock;

/**
 * What a run has from its beginning, for everything that takes part in leading it.
 *
 * @param folder the output, which {@code ownership} is the right to write
 * @param clock the wall clock, of the zone in which users read times of day
 * @param interrupt how others end the run
 * @param constraints what it has in common with others, and what ends it beside its options
 * @param listener is told how the run goes; must not throw
 */
public record RunContext(
    JobRequest request,
    JobFolder folder,
    Ownership ownership,
    Time time,
    Clock clock,
    RunInterrupt interrupt,
    RunConstraints constraints,
    RunListener listener) {}
